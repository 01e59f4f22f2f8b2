"""containers - one file per family of builders; see container.py for the contract."""
