"""The contracts as documents, made from the code: what `docs/` publishes."""
