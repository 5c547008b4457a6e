"""The one error of these tools."""


class CannotRun(Exception):
    """Something that is needed is missing or failed; the message says what, and what to do."""
