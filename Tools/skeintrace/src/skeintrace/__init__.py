"""Records, replays and reads the traces of an event-driven network program."""

__version__ = "0.1.0"
