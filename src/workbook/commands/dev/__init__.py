"""What maintainers of this repository can ask for: `workbook dev`."""
