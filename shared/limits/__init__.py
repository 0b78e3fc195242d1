"""How often something may be asked for: token buckets, shared by the replicas of a service."""
