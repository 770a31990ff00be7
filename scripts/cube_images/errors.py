"""What can go wrong while images are built: one error, told to the person who builds."""


class CannotBuild(Exception):
    """The build cannot go on; the message says why and what to do."""
