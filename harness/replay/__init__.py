"""replay - both ends around the target: the client that plays a script, and the next hop that keeps what arrives."""
