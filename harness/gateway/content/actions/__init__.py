"""actions - what the engine can do with what it found: one file per action."""
