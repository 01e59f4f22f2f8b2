"""content - what is inside the message, and what to do about it: the RAV side of the gateway."""
