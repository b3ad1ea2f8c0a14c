"""What the business does: functions that take a session, and know nothing of a request."""
