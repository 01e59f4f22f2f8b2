"""archives - one file per container format; see archive.py for the contract."""
