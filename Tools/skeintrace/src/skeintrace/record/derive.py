"""Peers that the recording did not see: derived from what the server's side shows of them.

A server that is recorded has clients in other processes. What they did is known from what came of it: a connection was
accepted, bytes were received, the connection ended. Each of them becomes a peer's step in the finished trace. It stands as
late as it can have happened: before the first callback of the poll that found it. What the server had written by then is
what the peer receives first, so that a second request comes after the response to the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..judge.recording import Event as Recorded
from ..judge.recording import recording
from ..judge.strands import Strands
from ..judge.values import first_reference
from .fold import renumber
from .journal import Event
from .outgoing import Outgoing
from .places import Places

#: The value of the header's `peers`.
DERIVED = "derived"


@dataclass
class Derived:
    """A trace with the peers that were derived."""

    header: dict[str, Any]
    events: list[Event]
    #: How many connections were given a peer, and why others were not.
    count: int = 0
    without: list[str] = field(default_factory=list)


@dataclass
class Step:
    """What a peer did, and where it stands: before which document, and because of which event."""

    place: int
    n: int
    event: Event


def derive(header: dict[str, Any], events: list[Event]) -> Derived:
    """Gives a finished trace the peers that it does not show. The events are changed in place, and numbered anew."""
    found = _Deriving(header, events)
    return found.run()


class _Deriving:
    def __init__(self, header: dict[str, Any], events: list[Event]) -> None:
        self._documents = events
        self._made = Derived(header, events)
        self._recording = recording([{"format": "skein-trace", **header}, *events, {"eof": {"open": 0}}])
        self._strands = Strands(self._recording)
        self._by_number = {event["n"]: event for event in events if "n" in event}
        self._opens = {event["n"]: place for place, event in enumerate(events) if "n" in event}
        self._closes = {event["end"]: place for place, event in enumerate(events) if "end" in event}
        self._places = Places(self._recording, self._strands)
        self._steps: list[Step] = []
        self._peers = sum(1 for event in events if str(event.get("peer", "")).endswith((".connect", ".listen")))
        # The first callback of each poll, by the call that turns the loop and the turn.
        self._polls: dict[tuple[int | None, int | None], int] = {}
        for event in self._recording.callbacks():
            if event.phase == "io":
                self._polls.setdefault((event.parent, event.turn), event.n)

    def run(self) -> Derived:
        for event in list(self._recording.callbacks()):
            strand = self._strands.of_callback[event.n]
            if strand == f"accepted {event.n}" and strand not in self._strands.peers:
                self._connection(event, strand)
        if self._steps:
            self._insert()
            self._places.localise(self._made.events, self._made.header)
            self._made.header["peers"] = DERIVED
        return self._made

    def _connection(self, built: Recorded, strand: str) -> None:
        """All that a connection's other end did."""
        place = self._places.of(built, strand)
        if isinstance(place, str):
            self._made.without.append(f"event {built.n}: {place}")
            return
        self._made.count += 1
        self._peers += 1
        peer = _Peer(self, f"peer-{self._peers}", built, strand)
        peer.connect(place)
        for event in self.events_of(strand, built):
            peer.follow(event)
        peer.finish()

    def events_of(self, strand: str, built: Recorded) -> Iterable[Recorded]:
        """What the server's side of a connection saw and did, in order: its callbacks, and the calls of its transport."""
        transport = self._strands.transports.get(strand)
        producers = {
            first_reference(event.args.get("producer"))
            for event in self._recording.events.values()
            if event.method == "registerProducer" and event.target == transport
        }
        for n in self._recording.order:
            event = self._recording.events[n]
            own = event.kind == "back" and (self._strands.of_callback[n] == strand or event.target in producers)
            if n > built.n and (own or (event.kind == "call" and event.target == transport)):
                yield event

    # Where steps stand.

    def poll_of(self, event: Recorded) -> int | None:
        """Before which document stands what one poll found together with this callback."""
        if event.phase != "io":
            return None
        return self._opens[self._polls[event.parent, event.turn]]

    def behind(self, event: Recorded) -> int:
        """Before which document stands what comes after all that was dispatched with this event."""
        outer = self._recording.dispatch(event)
        return self._closes.get(outer.n, self._opens[outer.n]) + 1

    def opens(self, n: int) -> int:
        return self._opens[n]

    def outer(self, event: Recorded) -> Recorded:
        """The callback that the loop dispatched, around an event."""
        return self._recording.dispatch(event)

    def loop_of(self, event: Recorded) -> int | None:
        """The call that turned the loop when this was dispatched."""
        return self._recording.dispatch(event).parent

    def goes_on(self, event: Recorded) -> bool:
        """Whether the loop surely turned often enough afterwards to send what was written in this event."""
        turn = self._recording.dispatch(event).turn
        later = (other.turn for other in self._recording.callbacks() if other.n > event.n and other.turn is not None)
        return turn is not None and any(other >= turn + 2 for other in later)

    def add(self, place: int, n: int, event: Event) -> int:
        """Puts a step there; gives the number by which others refer to it until all is numbered anew."""
        number = -1 - len(self._steps)
        self._steps.append(Step(place, n, {"n": number, **event}))
        return number

    def caused(self, n: int, step: int) -> None:
        """An event of the trace came of a step."""
        self._by_number[n].setdefault("after", []).append(step)

    def _insert(self) -> None:
        waiting = sorted(self._steps, key=lambda step: (step.place, step.n, -step.event["n"]))
        waiting.reverse()
        written: list[Event] = []
        at = 0
        for place in range(len(self._documents) + 1):
            while waiting and waiting[-1].place == place:
                written.append({**waiting.pop().event, "at": at})
            if place < len(self._documents):
                at = self._documents[place].get("at", at)
                written.append(self._documents[place])
        numbers: dict[int, int] = {}
        for event in written:
            if "n" in event:
                numbers[event["n"]] = len(numbers) + 1
                event["n"] = numbers[event["n"]]
        renumber(written, numbers)
        self._made.events = written


class _Peer:
    """The other end of one connection, while its steps are found."""

    def __init__(self, deriving: _Deriving, name: str, built: Recorded, strand: str) -> None:
        self._deriving = deriving
        self._name = name
        self._built = built
        self._outgoing = Outgoing(deriving.opens)
        self._received = 0
        self._last = built
        self._before: list[Recorded] = []
        self._losing = self._shut = self._over = False
        #: The call that asks for an end of the server's own, until it has come.
        self._ending: Recorded | None = None
        self._lost: Recorded | None = None

    def connect(self, place: Any) -> None:
        step = self._step("connect", self._built, args={"address": place.server}, gives=place.client, after=[place.listening])
        self._deriving.caused(self._built.n, step)
        self._before.append(self._built)

    def follow(self, event: Recorded) -> None:
        """The next thing that the server's side saw or did."""
        if self._over:
            return
        match event.kind, event.method:
            case "back", "dataReceived":
                self._sends(event)
            case "back", "readConnectionLost":
                self._acts("shutdown", event, args={"how": {"constant": "SHUT_WR"}})
                self._shut = True
            case "back", "connectionLost":
                self._ends(event)
            case "back", "writeConnectionLost":
                self._ending = None
            case "call", "loseConnection" | "loseWriteConnection":
                self._losing = self._losing or event.method == "loseConnection"
                self._ending = self._ending or event
        self._outgoing.take(event)
        self._before.append(event)

    def finish(self) -> None:
        """What was written last is received too, if the loop went on for long enough to send it."""
        last = self._outgoing.last
        if self._lost is None and last is not None and self._deriving.goes_on(last):
            self._receives(self._deriving.behind(last), last)

    def _sends(self, event: Recorded) -> None:
        data = event.args.get("data")
        if isinstance(data, bytes) and data:
            self._acts("send", event, args={"data": data})

    def _acts(self, member: str, event: Recorded, **more: Any) -> None:
        """What the peer did, once it had received what it could; the event came of it."""
        place = self._deriving.poll_of(event)
        place = self._deriving.opens(event.n) if place is None else place
        if self._ending is None:
            self._receives(place, event)
        else:
            # Nothing tells how much of the rest goes out, and whether the end does, before what the peer does now.
            outer = self._deriving.outer(self._ending)
            self._receives(min(place, self._deriving.opens(outer.n)), outer)
        self._deriving.caused(event.n, self._step(member, event, place=place, **more))

    def _ends(self, event: Recorded) -> None:
        self._over, self._lost = True, event
        reason = event.args.get("reason")
        error = reason.get("error") if isinstance(reason, dict) else None
        if event.phase == "io" and error == "lost":
            self._acts("reset", event)
        elif event.phase == "io" and error == "done" and not self._losing and not self._shut:
            self._acts("close", event)
        else:
            # The server's own end: an orderly one brings all that was written, and then the end of the stream.
            place = self._deriving.behind(event)
            if error == "done":
                self._receives(place, event)
                self._step("receive", event, place=place, gives=b"", after=[event.n])
            elif event.phase == "shutdown" and self._outgoing.last and self._deriving.goes_on(self._outgoing.last):
                self._receives(self._deriving.behind(self._outgoing.last), self._outgoing.last)
            self._step("close", event, place=place, after=[event.n])

    def _receives(self, place: int, event: Recorded) -> None:
        """The peer receives what was surely sent by then."""
        data, write = self._outgoing.sent_before(place)
        if write is not None and len(data) > self._received:
            self._step("receive", event, place=place, gives=bytes(data[self._received :]), after=[write])
            self._received = len(data)

    def _step(self, member: str, event: Recorded, place: int | None = None, after: list[int] | None = None, **more: Any) -> int:
        if place is None:
            found = self._deriving.poll_of(event)
            place = self._deriving.opens(event.n) if found is None else found
        if after is None:
            seen = [other.n for other in self._before if self._deriving.opens(other.n) < place]
            after = seen[-1:]
        loop = self._deriving.loop_of(event)
        around = {} if loop is None else {"in": loop}
        return self._deriving.add(place, event.n, {**around, "after": after, "peer": f"{self._name}.{member}", **more})

