"""sources - one file for each kind of corpus."""
