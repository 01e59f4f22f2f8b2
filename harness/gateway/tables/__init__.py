"""tables - the lookup table types of postconf -m, one module each."""
