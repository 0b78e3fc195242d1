"""The calendar and the policy that a regency starts with, as files, and how they are read."""
