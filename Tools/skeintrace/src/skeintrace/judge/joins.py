"""What must have come before a call, when other strands may come in another order than they were recorded in.

A recording hangs a call on the callback that came last. When two strands end in the other order, the call belongs inside
the other callback: it waits for what it needs.
"""

from __future__ import annotations

from dataclasses import dataclass

from .data import QUERIES, Stream
from .edges import received_bytes
from .recording import Event, Recording
from .strands import Strands
from .values import NAMELESS_KINDS, kind_of, needed_by

#: Calls by which a function is called: what it does waits for what it needs itself.
SOON = frozenset({"callLater", "callFromThread", "callInThread", "callWhenRunning"})


@dataclass(frozen=True)
class Needs:
    """What a call waits for: callbacks, bytes of a protocol's stream, and objects that must be known."""

    callbacks: tuple[int, ...] = ()
    received: tuple[tuple[str, int], ...] = ()
    names: tuple[str, ...] = ()


class Joins:
    """The needs of every event in a script."""

    def __init__(self, recording: Recording, strands: Strands, streams: dict[str, Stream]) -> None:
        self.recording = recording
        self.strands = strands
        self.streams = streams
        self._lost: dict[str, int] = {}
        self._needs: dict[int, Needs] = {}
        latest: dict[str, int] = {}
        received: dict[str, int] = {}
        for n in recording.order:
            event = recording.events[n]
            if event.kind == "back":
                if event.method == "dataReceived":
                    received[event.target] = received.get(event.target, 0) + received_bytes(event)
                elif event.thread is None:
                    # What other threads do reaches the reactor's by calls, not by having been recorded before.
                    latest[strands.of_callback[n]] = n
                if event.method == "connectionLost":
                    self._lost[strands.of_callback[n]] = n
            else:
                self._needs[n] = self._of(event, latest, received)

    def of(self, n: int) -> Needs:
        """What event `n` needs."""
        return self._needs[n]

    def _of(self, event: Event, latest: dict[str, int], received: dict[str, int]) -> Needs:
        names = tuple(name for name in needed_by(event) if kind_of(name) not in NAMELESS_KINDS) if event.kind in ("call", "get") else ()
        if event.kind in ("set", "drop", "check") or event.method in SOON or event.thread is not None:
            return Needs(names=names)
        if self.recording.comes_from_outside(event):
            return Needs(names=names)
        own = {self.strands.of_callback[n] for n in self._callbacks_around(event)}
        target = self.strands.of_target.get(event.n)
        if target is not None and target in own:
            return Needs(names=names)
        if event.kind == "get" or event.method in QUERIES or target in self._lost or kind_of(event.target) == "timer":
            # What an object answers depends on what has become of it, and on nothing else; so does a call that comes too
            # late, and one on a timer.
            return Needs((latest[target],) if target in latest else (), (), names)
        callbacks = tuple(sorted(n for strand, n in latest.items() if strand not in own))
        return Needs(callbacks, self._bytes(event, own, received), names)

    def _callbacks_around(self, event: Event) -> list[int]:
        found = []
        at = event.parent
        while at is not None:
            if self.recording.events[at].kind == "back":
                found.append(at)
            at = self.recording.events[at].parent
        return found

    def _bytes(self, event: Event, own: set[str], received: dict[str, int]) -> tuple[tuple[str, int], ...]:
        """An offset is needed only where the call is an anchor of that stream, and no abort decides how long it is."""
        needed = []
        for protocol, stream in self.streams.items():
            if stream.strand in own or stream.ends_in_abort or stream.transport != event.target:
                continue
            if received.get(protocol):
                needed.append((protocol, received[protocol]))
        return tuple(needed)
