"""The service and its documentation, served together."""
