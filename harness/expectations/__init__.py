"""expectations - what a scenario can say of a session or of a run: one file per kind."""
