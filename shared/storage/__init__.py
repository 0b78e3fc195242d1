"""MongoDB: one door, group commit, and patience while it is away."""
