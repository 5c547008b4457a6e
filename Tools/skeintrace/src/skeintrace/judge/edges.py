"""Edges across strands: what must come after what, and why, by name."""

from __future__ import annotations

from dataclasses import dataclass

from .data import QUERIES
from .recording import Event, Recording
from .strands import Strands
from .values import introduced_by, kind_of, needed_by


#: Calls whose results may name an object first, though they do not make it.
REVEALING = QUERIES | {"removeAll"}


@dataclass(frozen=True)
class Edge:
    """`after` must come after `before`, for the reason `name`."""

    name: str
    before: int
    after: int


class Edges:
    """The order that a recording's causes demand; everything else is free only by a named freedom."""

    def __init__(self, recording: Recording, strands: Strands) -> None:
        self.recording = recording
        self.strands = strands
        self._introduced: dict[str, int] = {}
        self._before: dict[int, list[Edge]] = {}
        for n in recording.order:
            event = recording.events[n]
            # A query shows an object that was there before.
            if event.kind == "back" or event.method not in REVEALING:
                for name, _ in introduced_by(event):
                    self._introduced.setdefault(name, n)
        self._link()

    def path(self, before: int, after: int) -> list[Edge]:
        """The edges that lead from one event to a later one; empty when there is no path."""
        if before >= after:
            return []
        seen = {after}
        reached: dict[int, Edge] = {}
        front = [after]
        while front:
            n = front.pop()
            event = self.recording.events[n]
            if n != before and event.kind != "back" and event.parent is None and event.thread is None:
                # Whatever is recorded before a call outside every callback is over when that call is made.
                reached[before] = Edge("tree", before, n)
                return self._spell(reached, before, after)
            for edge in self._before.get(n, []):
                if edge.before < before or edge.before in seen:
                    continue
                seen.add(edge.before)
                reached[edge.before] = edge
                if edge.before == before:
                    return self._spell(reached, before, after)
                front.append(edge.before)
        return []

    def past(self, end: int, least: int) -> set[int]:
        """The events from `least` on that lead to one, as far back as a call outside every callback."""
        seen = {end}
        front = [end]
        while front:
            event = self.recording.events[front.pop()]
            if event.kind != "back" and event.parent is None and event.thread is None:
                continue
            for edge in self._before.get(event.n, []):
                if edge.before >= least and edge.before not in seen:
                    seen.add(edge.before)
                    front.append(edge.before)
        return seen

    def causes(self, n: int) -> list[Edge]:
        """The edges that end in an event."""
        return self._before.get(n, [])

    @staticmethod
    def _spell(reached: dict[int, Edge], before: int, after: int) -> list[Edge]:
        path = []
        n = before
        while n != after:
            edge = reached[n]
            path.append(edge)
            n = edge.after
        return path

    def _add(self, name: str, before: int | None, after: int) -> None:
        if before is not None and before < after:
            self._before.setdefault(after, []).append(Edge(name, before, after))

    def _link(self) -> None:
        last_in_frame: dict[int | None, int] = {}
        last_in_strand: dict[str, int] = {}
        timers: dict[str, int] = {}
        for n in self.recording.order:
            event = self.recording.events[n]
            self._add("tree", event.parent, n)
            self._sequence(event, last_in_frame)
            for name in needed_by(event):
                self._add("create", self._introduced.get(name), n)
            for cause in event.after:
                self._add(self._cause_name(event), cause, n)
            if event.kind == "call" and event.method in ("reset", "delay") and kind_of(event.target) == "timer":
                timers[event.target] = n
            if event.kind == "back":
                strand = self.strands.of_callback[n]
                if strand in self.strands.previous and strand not in last_in_strand:
                    self._add("lifecycle", last_in_strand.get(self.strands.previous[strand]), n)
                self._add(_strand_edge(strand), last_in_strand.get(strand), n)
                last_in_strand[strand] = n
                if event.of is not None:
                    kind = "timer" if kind_of(event.of) == "timer" else "thread" if kind_of(event.of) == "threadcall" else "phase"
                    self._add(kind, self._introduced.get(event.of), n)
                    self._add(kind, timers.get(event.of), n)
        self._data()

    def _sequence(self, event: Event, last: dict[int | None, int]) -> None:
        """Inside one callback, and inside one call that does not turn the loop, everything is in sequence."""
        if event.thread is not None and event.parent is None:
            return
        at = event
        while at.parent is not None and not self.recording.events[at.parent].turns_the_loop:
            self._add("tree", last.get(at.parent), event.n)
            last[at.parent] = event.n
            at = self.recording.events[at.parent]

    def _cause_name(self, event: Event) -> str:
        if event.method == "buildProtocol":
            return "accept"
        if event.method in ("dataReceived", "readConnectionLost"):
            return "data"
        if event.of is not None:
            return {"timer": "timer", "threadcall": "thread"}.get(kind_of(event.of), "phase")
        return "create"

    def _data(self) -> None:
        """Byte k is received after the write that holds it, and the end of a stream after the call that ended it."""
        for receiving, sending in self.strands.peers.items():
            protocol = self.strands.protocols.get(receiving)
            transport = self.strands.transports.get(sending)
            if protocol is None or transport is None:
                continue
            writes: list[tuple[int, int]] = []
            written = 0
            ended: int | None = None
            received = 0
            own = self.strands.transports.get(receiving)
            closes_itself = False
            for n in self.recording.order:
                event = self.recording.events[n]
                if event.kind == "call" and event.target == transport:
                    size = written_bytes(event)
                    if size and ended is None:
                        written += size
                        writes.append((written, n))
                    elif ended is None and event.method in ("loseConnection", "loseWriteConnection", "abortConnection"):
                        ended = n
                elif event.kind == "call" and event.target == own and event.method in ("loseConnection", "abortConnection"):
                    closes_itself = True
                elif event.kind == "back" and event.target == protocol:
                    if event.method == "dataReceived":
                        received += received_bytes(event)
                        for end, write in writes:
                            if end >= received:
                                self._add("data", write, n)
                                break
                    elif event.method == "readConnectionLost":
                        self._add("data", ended, n)
                    elif event.method == "connectionLost" and not closes_itself and _by_the_other_end(event):
                        self._add("data", ended, n)


def _by_the_other_end(event: Event) -> bool:
    """Whether a connection that did not close itself was lost because its other end did something."""
    reason = event.args.get("reason")
    return event.phase == "io" and isinstance(reason, dict) and reason.get("error") in ("done", "lost")


def received_bytes(event: Event) -> int:
    """How many bytes a `dataReceived` brings."""
    data = event.args.get("data")
    return len(data) if isinstance(data, bytes) else 0


def written_bytes(event: Event) -> int:
    """How many bytes a call hands to a transport."""
    if event.method == "write":
        data = event.args.get("data")
        return len(data) if isinstance(data, bytes) else 0
    if event.method == "writeSequence":
        parts = event.args.get("data") or event.args.get("iovec") or []
        return sum(len(part) for part in parts if isinstance(part, bytes)) if isinstance(parts, list) else 0
    return 0


def _strand_edge(strand: str) -> str:
    if strand.startswith("event "):
        return "phase"
    if strand.startswith("calls of "):
        return "thread"
    return "strand"
