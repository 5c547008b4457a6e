"""Where the loop is: how many times it went round, and which step it is at."""

from __future__ import annotations


class Turn:
    """The reactor's turn, as its own loop takes the steps."""

    def __init__(self) -> None:
        self.number = 0
        """How many turns have begun: 0 before the first."""
        self.phase = "io"
        """`startup`, `thread`, `timer`, `shutdown` or `io`."""

    def begin(self) -> None:
        """A turn begins with the calls from other threads."""
        self.number += 1
        self.phase = "thread"

    def timers(self) -> None:
        """The calls from other threads are done."""
        if self.phase == "thread":
            self.phase = "timer"

    def polling(self) -> None:
        """The loop is about to poll, and then to serve what it finds."""
        self.phase = "io"
