"""datasets - the kinds of rbldnsd(8) data sets, one file each."""
