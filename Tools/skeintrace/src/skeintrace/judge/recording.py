"""A recording as the judge reads it: events with outcomes, parents and children.

The documents of a trace arrive as plain data (a header, events, `end`s, `eof`). Here an event and its `end` become one
`Event`, and the order of openings and closings is kept beside it as `steps`, so that a recording can also be walked as if
it were happening.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Value = Any
Kind = Literal["call", "back", "get", "set", "io", "peer", "fault", "clock", "log", "note", "drop", "check", "lost"]

KINDS: tuple[Kind, ...] = (
    "call", "back", "get", "set", "io", "peer", "fault", "clock", "log", "note", "drop", "check", "lost",
)
#: Kinds whose value is `object.member`.
MEMBER_KINDS = frozenset({"call", "back", "get", "set", "io", "peer", "fault"})
#: What the application does, in the order in which it does it: the script of a callback.
SCRIPT_KINDS = frozenset({"call", "get", "set", "peer", "drop", "check", "io", "fault"})
#: Calls that turn the loop: the callbacks inside them come from the poll, the clock and the queues.
LOOP_METHODS = frozenset({"run", "iterate", "runUntilCurrent", "doIteration", "mainLoop"})


class RecordingError(Exception):
    """A recording that cannot be judged: what is wrong, and at which event."""


@dataclass(frozen=True)
class Returned:
    """A crossing that returned `value`."""

    value: Value = None


@dataclass(frozen=True)
class Raised:
    """A crossing that raised `error`, a value of the error form."""

    error: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """A crossing that was still under way when the recording ended."""


Outcome = Returned | Raised | Opened


@dataclass(frozen=True)
class Fold:
    """A callback that stands for `times` equal ones, which went on until `until` was called."""

    times: int
    until: str | None


@dataclass
class Event:
    """One event of a recording, its outcome included."""

    n: int
    kind: Kind
    target: str
    method: str
    parent: int | None = None
    args: dict[str, Value] = field(default_factory=dict)
    of: str | None = None
    turn: int | None = None
    phase: str | None = None
    thread: str | None = None
    after: tuple[int, ...] = ()
    at: int = 0
    outcome: Outcome = field(default_factory=Returned)
    fold: Fold | None = None
    unexpressible: str | None = None
    line: int = 0

    @property
    def is_action(self) -> bool:
        """Whether the application does it; a fault below the boundary is nobody's."""
        return self.kind in SCRIPT_KINDS and not self.is_below

    @property
    def is_below(self) -> bool:
        """Whether it is a fault of an operation below the boundary."""
        return self.kind == "fault" and self.target == "system"

    @property
    def member(self) -> str:
        """`object.method`, as the trace spells it."""
        return f"{self.target}.{self.method}" if self.method else self.target

    @property
    def turns_the_loop(self) -> bool:
        """Whether callbacks inside this event come from the loop rather than from the call itself."""
        return self.kind == "call" and self.method in LOOP_METHODS


@dataclass(frozen=True)
class Step:
    """An event's opening or its closing, in the order of the file."""

    n: int
    opens: bool


@dataclass
class Recording:
    """A whole trace: its header, its events by number, their children, and the steps in file order."""

    header: dict[str, Value]
    events: dict[int, Event]
    order: list[int]
    children: dict[int | None, list[int]]
    steps: list[Step]
    complete: bool
    path: str = ""

    @property
    def title(self) -> str:
        return str(self.header.get("case") or self.header.get("title") or self.path)

    def callbacks(self) -> list[Event]:
        """The callbacks, in file order."""
        return [self.events[n] for n in self.order if self.events[n].kind == "back"]

    def script(self, n: int | None) -> list[int]:
        """What the application does inside callback `n` (`None`: outside every callback, on the reactor's thread).

        A folded call is done as often as the recording says.
        """
        script: list[int] = []
        for child in self.children.get(n, []):
            event = self.events[child]
            if event.is_action and (n is not None or event.thread is None):
                script += [child] * (event.fold.times if event.fold is not None else 1)
        return script

    def actors(self) -> dict[str, list[int]]:
        """What comes from outside while the loop turns, by who does it: peers in other processes, and the reactor's own
        signal handlers."""
        found: dict[str, list[int]] = {}
        for n in self.order:
            if self.comes_from_outside(self.events[n]):
                found.setdefault(self.events[n].target, []).append(n)
        return found

    def comes_from_outside(self, event: Event) -> bool:
        """Whether nobody in the application does this: it stands in the loop itself, between callbacks."""
        return event.kind in ("peer", "call") and event.parent is not None and self.events[event.parent].turns_the_loop

    def inside(self, n: int) -> list[int]:
        """The callbacks directly inside call `n`."""
        return [child for child in self.children.get(n, []) if self.events[child].kind == "back"]

    def loop_level(self, event: Event) -> bool:
        """Whether a callback comes from the loop (or stands at the bottom of a thread of its own)."""
        if event.parent is None:
            return True
        return self.events[event.parent].turns_the_loop

    def dispatch(self, event: Event) -> Event:
        """The outermost callback around an event: the one that the loop dispatched."""
        found = event
        at: Event | None = event
        while at is not None:
            if at.kind == "back":
                found = at
                if self.loop_level(at):
                    break
            at = self.events[at.parent] if at.parent is not None else None
        return found


def recording(documents: Iterable[Mapping[str, Value]], path: str = "") -> Recording:
    """Build a recording from a trace's documents: the header first, then events.

    Raises `RecordingError` for an event without a number, one of no known kind, or an `end` of what is not open.
    """
    rows = iter(documents)
    header = dict(next(rows, {}))
    if header.get("format") != "skein-trace":
        raise RecordingError(f"{path or 'trace'}: header: format: expected skein-trace, found {header.get('format')!r}")
    events: dict[int, Event] = {}
    order: list[int] = []
    children: dict[int | None, list[int]] = {}
    marks: list[Step] = []
    ended: set[int] = set()
    eof: Mapping[str, Value] | None = None
    for row in rows:
        if "eof" in row:
            eof = row["eof"]
            continue
        if "end" in row and "n" not in row:
            n = row["end"]
            if n not in events or n in ended:
                raise RecordingError(f"{path or 'trace'}: end: expected the number of an open event, found {n!r}")
            events[n].outcome = _outcome(row)
            ended.add(n)
            marks.append(Step(n, False))
            continue
        event = _event(row, path)
        if event.n in events:
            raise RecordingError(f"{path or 'trace'}: event {event.n}: n: this number was used before")
        if event.parent is not None and event.parent not in events:
            raise RecordingError(f"{path or 'trace'}: event {event.n}: in: expected an earlier event, found {event.parent}")
        events[event.n] = event
        order.append(event.n)
        children.setdefault(event.parent, []).append(event.n)
        marks.append(Step(event.n, True))
    still_open = {n for n in order if n not in ended and children.get(n)}
    left = (eof.get("open", 0) if eof is not None else 0) - len(still_open)
    for n in reversed(order):
        if left <= 0:
            break
        if n not in ended and n not in still_open and events[n].outcome == Returned():
            still_open.add(n)
            left -= 1
    steps: list[Step] = []
    for mark in marks:
        steps.append(mark)
        if mark.opens and mark.n not in ended and mark.n not in still_open:
            steps.append(Step(mark.n, False))
    for n in still_open:
        events[n].outcome = Opened()
    return Recording(header, events, order, children, steps, eof is not None, path)


def _outcome(row: Mapping[str, Value]) -> Outcome:
    if "raises" in row:
        return Raised(row["raises"])
    return Returned(plain(row.get("gives")))


def _event(row: Mapping[str, Value], path: str) -> Event:
    n = row.get("n")
    if type(n) is not int:
        raise RecordingError(f"{path or 'trace'}: n: expected an integer, found {n!r}")
    for kind in KINDS:
        if kind in row:
            break
    else:
        raise RecordingError(f"{path or 'trace'}: event {n}: expected one of {', '.join(KINDS)}")
    value = row[kind]
    target, method = "", ""
    if kind in MEMBER_KINDS:
        target, _, method = str(value).partition(".")
    elif kind == "drop":
        target = str(value)
    elif kind == "check":
        (method, target), = value.items() if isinstance(value, Mapping) and len(value) == 1 else [("", str(value))]
    args = {str(key): plain(item) for key, item in (row.get("args") or {}).items()}
    if kind == "set":
        args["to"] = plain(row.get("to"))
    fold = row.get("repeat")
    return Event(
        n=n,
        kind=kind,
        target=target,
        method=method,
        parent=row.get("in"),
        args=args,
        of=row.get("of"),
        turn=row.get("turn"),
        phase=row.get("phase"),
        thread=row.get("thread"),
        after=tuple(row.get("after") or ()),
        at=row.get("at", 0),
        outcome=_outcome(row),
        fold=Fold(fold["times"], fold.get("until")) if isinstance(fold, Mapping) else None,
        unexpressible=row.get("unexpressible"),
    )


#: The most that one run of equal bytes may unfold to.
LONGEST_RUN = 256 << 20


def plain(value: Value) -> Value:
    """A value with its runs of equal bytes (`{repeat: [byte, count]}`) unfolded."""
    if isinstance(value, Mapping):
        if len(value) == 1 and "repeat" in value:
            unit, count = value["repeat"]
            if not isinstance(unit, bytes) or type(count) is not int or not 0 <= len(unit) * count <= LONGEST_RUN:
                raise RecordingError("repeat: expected bytes and a count within the limit")
            return unit * count
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
