"""The run as it happens: Twisted under the same recorder that made the trace, each event told to the judge at once."""

from __future__ import annotations

import threading
from typing import Any, Callable

from ..judge.judge import OUTSIDE, Action, Arrival, Judge, Matched, Waits
from ..judge.recording import SCRIPT_KINDS, Opened, Raised, Recording, Returned, plain
from ..judge.timing import Moment
from ..judge.verdict import Divergence
from ..record.identity import Names
from ..record.journal import Event, EventList, Journal
from ..record.journal import Opened as OpenedLine
from ..record.recorder import Recorder

#: The frame of a callback that has arrived, as the one who plays the application sees it.
Arrived = Matched | Waits | Divergence


class LiveNames(Names):
    """The names of a run's objects, and the objects themselves, for as long as the application would hold them."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, Any] = {}

    def bind(self, thing: Any, name: str) -> None:
        super().bind(thing, name)
        self.objects[name] = thing


class LiveJournal(Journal):
    """A journal that tells of each event when it begins, and of each outcome when it is known."""

    def __init__(self, sink: Any, began: Callable[[Event], None], ended: Callable[[int, Event, int], None]) -> None:
        super().__init__(sink)
        self._began = began
        self._ended = ended

    def begin(self, event: Event) -> OpenedLine:
        with self._lock:
            opened = super().begin(event)
            self._began(event)
            return opened

    def finish(self, opened: OpenedLine, outcome: Event) -> None:
        with self._lock:
            super().finish(opened, outcome)
            self._ended(opened.event["n"], {**opened.event, **outcome}, self.now())


class Live:
    """One run: its recorder, and the judge that hears of everything."""

    def __init__(self, recording: Recording, disabled: frozenset[str] = frozenset()) -> None:
        self.judge = Judge(recording, disabled)
        self.lock = threading.RLock()
        self.sink = EventList()
        self.recorder = Recorder(self.sink)
        self.names = LiveNames()
        recorder = self.recorder
        recorder.names = self.names
        recorder.ports._names = self.names
        recorder.hosts._names = self.names
        recorder.journal = LiveJournal(self.sink, self._begun, self._ended)
        self._arrived: dict[int, Arrived] = {}
        self._moments: dict[int, Moment] = {}
        self._silent: set[int] = set()
        #: The outcome of the crossing that ended last, as the recorder writes it.
        self.given: Any = None

    @property
    def diverged(self) -> bool:
        return self.judge.divergence is not None

    def arrival(self) -> Arrived | None:
        """What the judge made of the callback that has just come to the application, on this thread."""
        number = self.recorder.sides.stack[-1].event
        return self._arrived.pop(number, None) if number is not None else None

    def current(self) -> int:
        """The event that this thread is inside of, or the number of the frame outside every callback."""
        number = self.recorder.sides.stack[-1].event
        return number if number is not None else OUTSIDE

    def _begun(self, event: Event) -> None:
        with self.lock:
            n: int = event["n"]
            parent = event.get("in")
            moment = self._moment(event, parent)
            self._moments[n] = moment
            kind = next(kind for kind in ("back", *sorted(SCRIPT_KINDS)) if kind in event)
            target, _, method = str(event[kind]).partition(".")
            args = {name: plain(value) for name, value in event.get("args", {}).items()}
            if kind == "back":
                after = tuple(event.get("after", ()))
                self._arrived[n] = self.judge.arrived(
                    Arrival(n, target, method, args, moment, parent, event.get("of"), event.get("thread"), after)
                )
                return
            if kind == "set":
                args["to"] = plain(event.get("to"))
            elif kind == "check":
                ((method, target),) = event["check"].items()
            thread = event.get("thread") if parent is None else None
            self.judge.acted(Action(n, kind, target, method, args, moment, thread), parent if parent is not None else OUTSIDE)

    def _ended(self, n: int, event: Event, at: int) -> None:
        with self.lock:
            self.given = event.get("gives")
            outcome = Raised(event["raises"]) if "raises" in event else Returned(plain(event.get("gives")))
            if n in self.judge.calls:
                self.judge.ended(n, outcome, at)
            elif n in self.judge.frames:
                self.judge.left(n, outcome)

    def _moment(self, event: Event, parent: int | None) -> Moment:
        if "phase" in event:
            return Moment(event["at"], event["turn"], event["phase"])
        around = self._moments.get(parent) if parent is not None else None
        return Moment(event["at"], around.turn, around.phase) if around is not None else Moment(event["at"])


__all__ = ["Live", "LiveNames", "Opened"]
