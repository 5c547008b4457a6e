"""Which callbacks have no fixed place beside others: those that wait for a clock or another thread, and all that comes of them.

A loop that is given the same input does the same in each turn, so two callbacks without a path between them still keep their
order, as long as neither depends on when something happened outside the loop. What a delay or another thread has set going
comes in whatever turn the machine's pace makes it.
"""

from __future__ import annotations

from collections.abc import Mapping

from .edges import Edges
from .joins import Joins
from .recording import Event, Recording
from .strands import Strands
from .values import kind_of

CLOCK, THREAD = "clock", "thread"


class Drift:
    """What each event of a recording waited for, itself or by what led to it: nothing, a clock, another thread, or both."""

    def __init__(self, recording: Recording, strands: Strands, edges: Edges, joins: Joins, delays: Mapping[str, float]) -> None:
        self.recording = recording
        self.strands = strands
        self._edges = edges
        self._joins = joins
        self._delays = delays
        self._of: dict[int, frozenset[str]] = {}
        #: What has been done to a strand's object from elsewhere.
        self._strand: dict[str, frozenset[str]] = {}
        for n in recording.order:
            waited = self._waited(recording.events[n])
            if waited:
                self._of[n] = waited
                self._pass_on(recording.events[n], waited)

    def of(self, n: int) -> frozenset[str]:
        """What event `n` waited for."""
        return self._of.get(n, frozenset())

    def _waited(self, event: Event) -> frozenset[str]:
        waited: frozenset[str] = frozenset()
        for edge in self._edges.causes(event.n):
            waited |= self._of.get(edge.before, frozenset())
        if event.thread is not None:
            waited |= {THREAD}
        if event.kind == "call":
            # A replay makes it when all has come that it needs.
            for needed in self._joins.of(event.n).callbacks:
                waited |= self._of.get(needed, frozenset())
        if event.kind == "back":
            waited |= self._strand.get(self.strands.of_callback[event.n], frozenset())
            if event.of is not None and kind_of(event.of) == "timer" and self._delays.get(event.of, 0) > 0:
                waited |= {CLOCK}
        return waited

    def _pass_on(self, event: Event, waited: frozenset[str]) -> None:
        """A call on a connection's object changes when that connection goes on, and its other end with it."""
        strand = self.strands.of_target.get(event.n)
        if strand is None:
            return
        for one in (strand, self.strands.peers.get(strand)):
            if one is not None:
                self._strand[one] = self._strand.get(one, frozenset()) | waited
