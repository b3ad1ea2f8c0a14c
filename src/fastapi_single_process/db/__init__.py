"""The database: models, connections, transactions."""
