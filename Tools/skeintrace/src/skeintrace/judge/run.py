"""A run as the judge is told of it: what arrives, what is done, and what is under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from .recording import Value
from .timing import Moment
from .verdict import arguments


@dataclass(frozen=True)
class Arrival:
    """A callback that arrives in a run: `live` is its number there, `parent` that of the call around it."""

    live: int
    target: str
    method: str
    args: Mapping[str, Value]
    moment: Moment
    parent: int | None = None
    of: str | None = None
    thread: str | None = None
    after: tuple[int, ...] = ()

    def __str__(self) -> str:
        of = f" of {self.of}" if self.of else ""
        where = f" [turn {self.moment.turn}, {self.moment.phase}]" if self.moment.phase else ""
        return f"{self.target}.{self.method}({arguments(self.args)}){of}{where}"


@dataclass(frozen=True)
class Action:
    """Something that an application does in a run: a call, an attribute read or set, a step of a peer."""

    live: int
    kind: str
    target: str
    method: str
    args: Mapping[str, Value]
    moment: Moment
    #: The thread, where it is not the reactor's and the action is at its bottom.
    thread: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.target}.{self.method}({arguments(self.args)})"


@dataclass(frozen=True)
class Matched:
    """The arrival is the recorded event `n`; the application's part of it is played in frame `live`."""

    n: int
    live: int


@dataclass(frozen=True)
class Waits:
    """The arrival brought bytes, but not yet all that a recorded delivery needs: nothing is to be done."""


@dataclass
class Frame:
    """A callback under way in the run, and what the application has still to do in it."""

    events: list[int]
    script: deque[int]
    moment: Moment


@dataclass
class Waiting:
    """The rest of a callback's script, which waits for what its first event needs."""

    event: int | None
    script: deque[int]


@dataclass
class Call:
    """A call of the run: the recorded event it is, and when it was made."""

    n: int
    moment: Moment


@dataclass
class Strand:
    """The callbacks of one strand and how far the run has come in them."""

    callbacks: list[int]
    head: int = 0
    #: The folded callback that came last and may come again.
    folded: int | None = None
    place: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.place = {n: place for place, n in enumerate(self.callbacks)}

    @property
    def next(self) -> int | None:
        return self.callbacks[self.head] if self.head < len(self.callbacks) else None


#: The frame of what is done outside every callback, on the reactor's thread.
OUTSIDE = 0
