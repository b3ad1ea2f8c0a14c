"""Patches, commits and references: how a history is built, read and written back."""
