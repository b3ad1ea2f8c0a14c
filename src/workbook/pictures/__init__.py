"""The pictures of the book: SVG, drawn from the descriptions that lie beside them."""
