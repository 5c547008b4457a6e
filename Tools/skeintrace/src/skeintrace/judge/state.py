"""How far a run has come in its recording: what has been consumed, done and skipped, strand by strand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from .agreement import Agreement
from .binding import Bindings
from .data import streams
from .drift import Drift
from .edges import Edges
from .freedoms import Freedoms
from .joins import Joins
from .leftovers import recorded_timing
from .recording import Event, Recording
from .run import OUTSIDE, Arrival, Call, Frame, Strand, Waiting
from .strands import Strands
from .timing import Moment, Timing
from .values import introduced_by, kind_of
from .verdict import Divergence


@dataclass
class State:
    """What a judge knows of its recording and of the run so far. `disabled` names freedoms that may not be used."""

    recording: Recording
    disabled: frozenset[str] = frozenset()
    divergence: Divergence | None = None
    bindings: Bindings = field(default_factory=Bindings)
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        self.freedoms = Freedoms(self.disabled)
        self.agreement = Agreement(self.bindings, self.freedoms.use)
        self.strands = Strands(self.recording)
        self.edges = Edges(self.recording, self.strands)
        self.streams = streams(self.recording, self.strands)
        self.joins = Joins(self.recording, self.strands, self.streams)
        self.frames: dict[int, Frame] = {
            OUTSIDE: Frame([], deque(self.recording.script(None)), Moment(0)),
        }
        #: What the application's own threads have still to do, by thread.
        self.threads: dict[str, deque[int]] = {}
        for n in self.recording.children.get(None, []):
            event = self.recording.events[n]
            if event.thread is not None and event.is_action:
                self.threads.setdefault(event.thread, deque()).append(n)
        #: What is still to come from outside while the loop turns, by who does it.
        self.actors = {name: deque(events) for name, events in self.recording.actors().items()}
        self.calls: dict[int, Call] = {}
        self.waiting: list[Waiting] = []
        self.happened = 0
        self._consumed: set[int] = set()
        self._acted: set[int] = set()
        self._skipped: set[int] = set()
        #: The strands whose other end has aborted the connection.
        self._aborted: set[str] = set()
        self._strand = {name: Strand(found) for name, found in self.strands.callbacks.items()}
        self._by_key: dict[tuple[str, str], list[int]] = {}
        self._loop_level: list[int] = []
        #: How many of them, from the first on, have come.
        self._settled = 0
        #: The recorded firing of each timer, trigger and thread call.
        self._firing: dict[str, int] = {}
        self._last_dispatched: tuple[str, Arrival] | None = None
        for event in self.recording.callbacks():
            self._by_key.setdefault(self._key(event), []).append(event.n)
            if self.recording.loop_level(event):
                self._loop_level.append(event.n)
            if event.of is not None:
                self._firing.setdefault(event.of, event.n)
        self._recorded_timing = recorded_timing(self.recording)
        self.drift = Drift(self.recording, self.strands, self.edges, self.joins, self._recorded_timing.delays)
        # An object that is there from the beginning has the same name in every run.
        introduced = {name for n in self.recording.order for name, _ in introduced_by(self.recording.events[n])}
        for n in self.recording.order:
            target = self.recording.events[n].target
            if target and target not in introduced and self.recording.events[n].kind not in ("peer", "io"):
                self.bindings.bind(self.bindings.names, target, target)

    @property
    def progress(self) -> int:
        """How many events have been judged: grows with everything that happens."""
        return self.happened

    def diverge(self, rule: str, happened: str, reason: str) -> Divergence:
        """Something else went wrong with the run: it counts as the divergence when none was found before."""
        return self._diverge(rule, self._next_expected(), happened, reason)

    def _next_expected(self) -> int | None:
        for n in self.recording.order:
            event = self.recording.events[n]
            if (event.kind == "back" or event.is_action) and n not in self._consumed and not self._done(n):
                return n
        return None

    def _diverge(self, rule: str, expected: int | None, happened: str, reason: str) -> Divergence:
        if self.divergence is None:
            self.divergence = Divergence(rule, expected, happened, reason)
        return self.divergence

    def _done(self, n: int) -> bool:
        return n in self._acted or n in self._skipped

    def _missing(self, n: int) -> list[str]:
        """What an action still needs, in words; empty when it can be done."""
        needs = self.joins.of(n)
        for name in needs.names:
            if self.bindings.live_name(name) is None:
                return [name]
        for callback in needs.callbacks:
            if callback not in self._consumed and callback not in self._skipped:
                return [f"event {callback}"]
        for protocol, offset in needs.received:
            if self.streams[protocol].received < offset:
                return [f"byte {offset} at {protocol}"]
        return []

    def _key(self, event: Event) -> tuple[str, str]:
        """Where a callback is looked up: a firing by what fires, anything else by its object."""
        if event.of is not None:
            return ("of " + event.of, event.method)
        if kind_of(event.target) == "function":
            return (f"in {event.parent}", event.method)
        return (event.target, event.method)

    def _take(self, n: int) -> None:
        strand = self._strand[self.strands.of_callback[n]]
        self._consumed.add(n)
        strand.head = strand.place[n] + 1
        event = self.recording.events[n]
        if event.fold is not None:
            strand.folded = n
        elif strand.folded is not None and not self._inside(n, strand.folded):
            strand.folded = None
        for stream in self.streams.values():
            if stream.strand == self.strands.of_callback[n]:
                stream.happened(n)

    def _inside(self, n: int, outer: int) -> bool:
        at: int | None = n
        while at is not None and at != outer:
            at = self.recording.events[at].parent
        return at == outer

    def _is_settled(self, n: int) -> bool:
        return n in self._consumed or n in self._skipped

    def _rearm(self, n: int) -> None:
        """A folded callback happens again, and all that is inside it."""
        self._rearm_below(n)
        self._consumed.discard(n)
        self._settled = 0
        strand = self._strand[self.strands.of_callback[n]]
        strand.head = min(strand.head, strand.place[n])

    def _rearm_below(self, n: int) -> None:
        """All that is inside a folded event happens again."""
        below = list(self.recording.children.get(n, []))
        while below:
            at = below.pop()
            self._consumed.discard(at)
            self._acted.discard(at)
            if self.recording.events[at].kind == "back":
                strand = self._strand[self.strands.of_callback[at]]
                strand.head = min(strand.head, strand.place[at])
            below.extend(self.recording.children.get(at, []))

    def _abort_made(self, strand: str) -> bool:
        """Whether an abort by the other end of this strand's connection has been made in the run."""
        return strand in self._aborted
