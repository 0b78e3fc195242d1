"""Cases, rosters, versions of the rules and the leader lease in MongoDB."""
