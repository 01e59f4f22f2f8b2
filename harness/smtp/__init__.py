"""smtp - SMTP as values and state machines; no sockets below this line."""
