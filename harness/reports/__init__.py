"""reports - what came of a run, as text for people and for programs."""
