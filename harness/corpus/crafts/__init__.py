"""crafts - one file per family of builders; see craft.py for the contract."""
