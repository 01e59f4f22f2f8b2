"""scanners - one file per kind of scan; see scanner.py for the contract."""
