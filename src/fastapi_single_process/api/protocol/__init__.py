"""What HTTP asks of every route."""
