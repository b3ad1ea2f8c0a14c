"""How an error becomes a problem document."""
