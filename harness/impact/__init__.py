"""impact - whose mail changes fate when the rules change, by which line, and what the corpus would not notice."""
