"""bench - the hot paths, each as a ratio to a peer measured in the same run."""
