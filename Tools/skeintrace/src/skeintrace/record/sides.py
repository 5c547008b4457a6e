"""The stack of sides: which of the two, application or system, has control on a thread."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from enum import Enum
from typing import Callable


class Side(Enum):
    """One side of the boundary."""

    APPLICATION = "application"
    SYSTEM = "system"


@dataclass(slots=True)
class Frame:
    """Control on one side, and the number of the event that brought it there (None where no event did)."""

    side: Side
    event: int | None = None
    close: Callable[[], None] | None = None
    """What ends the frame's event where nothing else will: see `Sides.unwind`."""


_POOL_WORKER = "twisted/_threads/_threadworker.py"


def _starting_side() -> Side:
    """The system on the worker threads of a Twisted thread pool, the application on every other thread."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code.co_filename.replace("\\", "/").endswith(_POOL_WORKER):
            return Side.SYSTEM
    return Side.APPLICATION


class Sides(threading.local):
    """The stack of the current thread."""

    def __init__(self) -> None:
        self.stack: list[Frame] = [Frame(_starting_side())]

    @property
    def in_system(self) -> bool:
        """Whether the system has control."""
        return self.stack[-1].side is Side.SYSTEM

    def push(self, side: Side, event: int | None = None, close: Callable[[], None] | None = None) -> None:
        """Gives control to a side. An event number is inherited by frames that have none."""
        if event is None:
            event = self.stack[-1].event
        self.stack.append(Frame(side, event, close))

    def pop(self) -> None:
        """Takes the last side's control away again."""
        self.stack.pop()

    def unwind(self, depth: int) -> None:
        """Pops down to a depth, ending the events of the frames that were left open."""
        while len(self.stack) > depth:
            frame = self.stack.pop()
            if frame.close is not None:
                frame.close()

    def reset(self, side: Side = Side.APPLICATION) -> None:
        """Starts the thread's stack anew."""
        self.stack[:] = [Frame(side)]


sides = Sides()
"""The stack of whichever thread asks."""
