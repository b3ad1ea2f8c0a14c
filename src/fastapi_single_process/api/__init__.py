"""HTTP: what the service answers and where."""
