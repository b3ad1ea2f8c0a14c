"""What the business does: functions that know nothing of HTTP."""
