"""Faults that an application makes itself, and that its replay must make too."""

from __future__ import annotations

import errno
import os
import resource
from typing import TYPE_CHECKING

from ..judge.recording import Event
from .decode import Undecodable

if TYPE_CHECKING:
    from .driver import Driver

#: How many more descriptors the process may open before it has none left.
ROOM = 64


class Faults:
    """The faults of one run, and their undoing."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._taken: list[int] = []
        self._limit: tuple[int, int] | None = None

    def perform(self, event: Event) -> None:
        """Make a fault, or end it."""
        if event.member == "descriptors.exhaust":
            self._exhaust()
        elif event.member == "descriptors.release":
            self._release()
        else:
            raise Undecodable(f"the fault {event.member} cannot be made")

    def _exhaust(self) -> None:
        """Take every descriptor that is left, as the process's limit is lowered to a few more than it has."""
        self._limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        highest = max(int(name) for name in os.listdir("/proc/self/fd"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(highest + ROOM, self._limit[0]), self._limit[1]))
        while True:
            try:
                self._taken.append(os.dup(0))
            except OSError as error:
                if error.errno == errno.EMFILE:
                    return
                raise

    def _release(self) -> None:
        for number in self._taken:
            os.close(number)
        self._taken.clear()
        if self._limit is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, self._limit)
            self._limit = None

    def close(self) -> None:
        """Give everything back."""
        self._release()
