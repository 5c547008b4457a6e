"""What stops a run."""


class CannotRun(Exception):
    """Something that the run needs is missing or failed."""
