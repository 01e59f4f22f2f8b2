"""payloads - one file per family of builders; see payload.py for the contract."""
