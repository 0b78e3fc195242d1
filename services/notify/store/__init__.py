"""Alerts, case views, recipients and opt-outs in MongoDB."""
