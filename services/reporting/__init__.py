"""reporting: counts what happened and answers questions about it."""
