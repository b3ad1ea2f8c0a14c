"""A production-grade FastAPI service."""
