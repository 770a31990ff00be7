"""The registry server. Its contract is shared with the client."""
