"""Version 1 of the API. A change that breaks a client goes into the next version."""
