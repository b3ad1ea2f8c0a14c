"""What the command line can be asked for: verbs, and what they print."""
