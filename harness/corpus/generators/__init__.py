"""generators - each file draws one kind of message from a seed."""
