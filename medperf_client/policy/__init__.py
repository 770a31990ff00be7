"""What may leave this machine and what a sandbox is, in pure functions."""
