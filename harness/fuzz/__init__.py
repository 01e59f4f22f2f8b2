"""fuzz - random configurations, worlds and sessions on two targets; what they disagree on becomes a scenario."""
