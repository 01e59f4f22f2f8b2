"""restrictions - the members of the family: every element that a restriction list may hold, by subject."""
