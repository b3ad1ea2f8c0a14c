"""What has aged: phases that are tried with the newest of all that they take from outside."""
