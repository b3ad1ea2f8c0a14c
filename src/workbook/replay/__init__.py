"""A reader: it follows pages in a machine of its own."""
