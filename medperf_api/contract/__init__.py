"""What server and client agree on: the wire's shapes, its states, and rules both sides apply.

Imports the standard library and pydantic alone, so that a client pays for nothing else.
"""
