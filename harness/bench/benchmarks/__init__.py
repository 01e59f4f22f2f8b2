"""benchmarks - the members: one file for each hot path, or a few that belong together."""
