"""Who read personal data, and who changed keys and policy: appended, chained, never taken out."""
