"""The tree of a trace: opened and closed lines folded into crossings that hold what happened inside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from .errors import FormatError, shown, shown_keys
from .limits import DEFAULT
from .shape import kind_of, shape


@dataclass(eq=False)
class Crossing:
    """One event of a trace with everything that happened inside it."""

    n: int
    kind: str
    """`call`, `back`, `get`, `set`, `io`, `peer`, `fault`, `clock`, `log`, `note`, `drop`, `check` or `lost`."""
    event: dict[str, Any]
    """The event as it stands in the trace, with the outcome and `repeat` of its `end` line merged in."""
    line: int
    parent: Crossing | None = None
    children: list[Crossing] = field(default_factory=list)
    has_children: bool = False
    end_line: int | None = None
    """Where its `end` line stands, None for a crossing of one line."""
    end_at: int | None = None
    is_open: bool = False
    """Whether a crossing that was opened has not been closed: at the end of a truncated trace, its outcome is not known."""

    @property
    def name(self) -> str:
        """What was crossed: `reactor-1.listenTCP`. Empty for kinds that name no member."""
        value = self.event.get(self.kind)
        return value if self.kind in MEMBERS and isinstance(value, str) else ""

    @property
    def target(self) -> str:
        """The object: `reactor-1`."""
        return self.name.partition(".")[0]

    @property
    def method(self) -> str:
        """The member: `listenTCP`, or `super.connectionLost`."""
        return self.name.partition(".")[2]

    @property
    def args(self) -> dict[str, Any]:
        """The arguments by their names, empty where there are none."""
        value = self.event.get("args")
        return value if isinstance(value, dict) else {}

    @property
    def gives(self) -> Any:
        """What it returned, None where it returned nothing or raised."""
        return self.event.get("gives")

    @property
    def raises(self) -> dict[str, Any] | None:
        """The error it raised, or None."""
        return self.event.get("raises")

    @property
    def at(self) -> int | None:
        """Nanoseconds since the header's `started`."""
        return self.event.get("at")

    @property
    def turn(self) -> int | None:
        """The turn of the loop, for a callback directly inside `run` or `iterate`."""
        return self.event.get("turn")

    @property
    def phase(self) -> str | None:
        """The phase of the turn."""
        return self.event.get("phase")

    @property
    def after(self) -> list[int]:
        """The causes that the tree cannot show."""
        return self.event.get("after") or []

    @property
    def of(self) -> str | None:
        """What made a function fire: a timer, a trigger, a call from a thread."""
        return self.event.get("of")

    @property
    def thread(self) -> str | None:
        """The thread, None for the reactor's."""
        return self.event.get("thread")

    @property
    def repeat(self) -> dict[str, Any] | None:
        """How often it came in a row, where equal ones are folded into one."""
        return self.event.get("repeat")

    def walk(self) -> list[Crossing]:
        """This crossing and all inside it, in the order of the file."""
        found = []
        stack = [self]
        while stack:
            crossing = stack.pop()
            found.append(crossing)
            stack.extend(reversed(crossing.children))
        return found


MEMBERS = ("call", "back", "get", "set", "io", "peer", "fault")
"""The kinds whose own key names an object and its member."""

OUTCOME = ("gives", "raises", "unexpressible", "repeat")
"""What an `end` line may bear for the crossing that it closes."""


class Tree:
    """Builds the tree an event at a time, and checks what nesting promises.

    A line without an outcome may be the whole of a crossing that returned nothing, or open one: the next event of its
    thread decides. Until then the crossing stands on its thread's stack as a candidate.
    """

    def __init__(
        self, file: str = "", keep: bool = True, nesting: int = DEFAULT.nesting, allow_unknown: bool = False
    ) -> None:
        self.roots: list[Crossing] = []
        self.count = 0
        self._stacks: dict[str | None, list[Crossing]] = {}
        self._open: dict[int, Crossing] = {}
        self._file = file
        self._keep = keep
        self._nesting = nesting
        self._allow_unknown = allow_unknown

    def add(self, event: Mapping[str, Any], line: int) -> Crossing:
        """Takes the next event in; returns its crossing, or the one that it closes. Raises FormatError."""
        try:
            return self._end(event, line) if "end" in event else self._begin(event, line)
        except FormatError as error:
            raise error.at(file=self._file, line=line)

    def open(self) -> tuple[int, int]:
        """The least and the greatest number of crossings that may be open now: candidates count in the second alone."""
        stacks = [stack for stack in self._stacks.values() if stack]
        candidates = sum(1 for stack in stacks if not stack[-1].has_children)
        total = sum(len(stack) for stack in stacks)
        return total - candidates, total

    def innermost(self) -> Crossing | None:
        """The innermost crossing of the reactor's thread that may be open."""
        stack = self._stacks.get(None)
        return stack[-1] if stack else None

    def _top(self, stack: list[Crossing], number: object) -> Crossing | None:
        """The innermost crossing, once a candidate that the event is not inside of has turned out closed."""
        if stack and not stack[-1].has_children and stack[-1].n != number:
            closed = stack.pop()
            closed.is_open = False
            del self._open[closed.n]
        return stack[-1] if stack else None

    def _begin(self, event: Mapping[str, Any], line: int) -> Crossing:
        kind = kind_of(event) or next((key for key in event if key.startswith("x-")), None)
        if kind is None:
            if not self._allow_unknown:
                raise FormatError("unknown-kind", "an event of a known kind", shown_keys(event))
            kind = next(iter(event), "")
        n = event.get("n")
        if not _is_integer(n) or n != self.count + 1:
            raise FormatError("order", f"the number {self.count + 1}", shown(n), field="n")
        thread = event.get("thread")
        if thread is not None and not isinstance(thread, str):
            raise FormatError("type", "a thread's name, such as t-1", shown(thread), field="thread")
        crossing = Crossing(n, kind, dict(event), line)
        stack = self._stacks.setdefault(thread, [])
        top = self._top(stack, event.get("in"))
        if top is None:
            if "in" in event:
                raise FormatError("parent", "no parent: nothing is open", shown(event["in"]), field="in")
            if self._keep:
                self.roots.append(crossing)
        else:
            number = event.get("in")
            if not _is_integer(number) or number != top.n:
                found = "none" if number is None else shown(number)
                raise FormatError("parent", f"the innermost open crossing, {top.n}", found, field="in")
            crossing.parent = top
            top.has_children = True
            if self._keep:
                top.children.append(crossing)
        self.count = n
        known = shape().kinds.get(kind)
        if known is not None and known.opens and "gives" not in event and "raises" not in event:
            if len(stack) >= self._nesting:
                raise FormatError("too-deep", f"at most {self._nesting} crossings inside one another", "more", field="in")
            crossing.is_open = True
            stack.append(crossing)
            self._open[n] = crossing
        return crossing

    def _end(self, event: Mapping[str, Any], line: int) -> Crossing:
        number = event["end"]
        opened = self._open.get(number) if _is_integer(number) else None
        stack = [] if opened is None else self._stacks[opened.thread]
        top = self._top(stack, number)
        if top is None or top is not opened:
            expected = "a crossing that is open" if top is None else f"the innermost open crossing, {top.n}"
            raise FormatError("nesting", expected, shown(number), field="end")
        del self._open[stack.pop().n]
        top.is_open = False
        top.end_line = line
        top.end_at = event.get("at")
        for key in event:
            if key in OUTCOME or key.startswith("x-"):
                top.event[key] = event[key]
        return top


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
