"""Bytes received, as one string a connection, and the places in it where something else happened first.

How a stream is cut into deliveries belongs to the kernel. What the application did after byte k must still be after byte
k: such a place is an anchor, and until its event has happened no byte beyond it may be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .recording import Event, Recording
from .strands import Strands

#: Calls that only ask: they anchor nothing and need nothing but what they name.
QUERIES = frozenset({
    "getHost", "getPeer", "getDestination", "getDelayedCalls", "getReaders", "getWriters", "getTcpNoDelay",
    "getTcpKeepAlive", "getHandle", "getPeerCertificate", "getTime", "active", "fileno", "logPrefix", "seconds",
})  # fmt: skip
#: Callbacks of a connection that come of its end: reading brings them about, so they cannot hold reading back.
ENDINGS = frozenset({
    "readConnectionLost", "connectionLost", "clientConnectionLost", "clientConnectionFailed", "doStop", "stopProducing",
})  # fmt: skip


@dataclass
class Delivery:
    """A recorded `dataReceived`: its bytes, and how many of them the run has delivered."""

    n: int
    data: bytes
    delivered: int = 0

    @property
    def complete(self) -> bool:
        return self.delivered >= len(self.data)


@dataclass
class Anchor:
    """An event that the recording has at this place of the stream."""

    n: int
    happened: bool = False


@dataclass
class Taken:
    """What one live chunk did: the deliveries it completed, and what was wrong with it."""

    completed: list[int] = field(default_factory=list)
    #: Offset of the first byte that differs, in the whole stream.
    differs_at: int | None = None
    #: Bytes that no recorded delivery has room for.
    excess: bytes = b""


@dataclass
class Stream:
    """The bytes that one protocol receives."""

    strand: str
    protocol: str
    transport: str | None
    items: list[Delivery | Anchor]
    #: Whether an abort at either end decides how much of it arrives.
    ends_in_abort: bool
    #: The call by which the other end aborts, if it does: how much is read from there on, and when, is the kernel's affair.
    cut_at: int | None
    received: int = 0

    def take(self, chunk: bytes) -> Taken:
        """Take in a live chunk."""
        taken = Taken()
        left = chunk
        for item in self.items:
            if not left:
                break
            if not isinstance(item, Delivery) or item.complete:
                continue
            want = item.data[item.delivered : item.delivered + len(left)]
            if left[: len(want)] != want:
                taken.differs_at = self.received + next(i for i, (a, b) in enumerate(zip(want, left)) if a != b)
                return taken
            item.delivered += len(want)
            self.received += len(want)
            left = left[len(want) :]
            if item.complete:
                taken.completed.append(item.n)
        if left:
            taken.excess = left
        return taken

    def content(self) -> bytes:
        """All the bytes that the recording has."""
        return b"".join(item.data for item in self.items if isinstance(item, Delivery))

    def happened(self, n: int) -> None:
        """An anchor's event has happened."""
        for item in self.items:
            if isinstance(item, Anchor) and item.n == n:
                item.happened = True

    def skip(self, n: int) -> None:
        """A recorded delivery will not come (its stream was cut by an abort)."""
        for item in self.items:
            if isinstance(item, Delivery) and item.n == n:
                item.delivered = len(item.data)

    def again(self, n: int) -> None:
        """A folded delivery comes once more."""
        for item in self.items:
            if isinstance(item, Delivery) and item.n == n:
                item.delivered = 0

    def limit(self) -> int | None:
        """How many bytes may be read now: `None` for any number, 0 when reading must wait for an anchor.

        Never more than the recording has: what comes after that came of another read, if it was read at all.
        """
        room = 0
        for item in self.items:
            if isinstance(item, Delivery):
                room += len(item.data) - item.delivered
            elif not item.happened:
                return room
        return room or None

    def has_anchor_before(self, n: int) -> bool:
        """Whether an anchor that has not happened stands before delivery `n`."""
        for item in self.items:
            if item.n == n:
                return False
            if isinstance(item, Anchor) and not item.happened:
                return True
        return False


def streams(recording: Recording, strands: Strands) -> dict[str, Stream]:
    """The byte streams of a recording, by the protocol that receives them."""
    found: dict[str, Stream] = {}
    for strand, protocol in strands.protocols.items():
        transport = strands.transports.get(strand)
        items: list[Delivery | Anchor] = []
        other = strands.transports.get(strands.peers.get(strand, ""))
        started, cut_at = False, None
        for n in recording.order:
            event = recording.events[n]
            if event.kind == "back" and strands.of_callback[n] == strand:
                if event.method == "makeConnection":
                    started = True
                elif event.method == "dataReceived" and event.target == protocol:
                    data = event.args.get("data")
                    items.append(Delivery(n, data if isinstance(data, bytes) else b""))
                elif event.method in ("connectionLost", "readConnectionLost") and event.target == protocol:
                    break
                elif started and event.method not in ENDINGS and cut_at is None:
                    items.append(Anchor(n))
            elif started and event.kind == "call" and event.target == transport and event.method not in QUERIES:
                if cut_at is None:
                    items.append(Anchor(n))
            elif event.kind == "call" and event.method == "abortConnection" and event.target == other:
                cut_at = cut_at or n
            elif event.kind == "peer" and event.method == "reset" and event.target == strands.peers.get(strand):
                cut_at = cut_at or n
        ends = cut_at is not None or _ends_in_abort(recording, strands, strand)
        found[protocol] = Stream(strand, protocol, transport, items, ends, cut_at)
    return found


def _ends_in_abort(recording: Recording, strands: Strands, strand: str) -> bool:
    lost = (recording.events[n] for n in strands.callbacks.get(strand, []))
    return _aborts(recording, strands, strand) or any(_is_reset(event) for event in lost)


def _aborts(recording: Recording, strands: Strands, strand: str) -> bool:
    """Whether a strand's own end, or a peer, aborts its connection."""
    transport = strands.transports.get(strand)
    for event in recording.events.values():
        if event.kind == "call" and event.method == "abortConnection" and event.target == transport:
            return True
        if event.kind == "peer" and event.method == "reset" and event.target == strand:
            return True
    return False


def _is_reset(event: Event) -> bool:
    if event.kind != "back" or event.method != "connectionLost" or event.phase != "io":
        return False
    reason = event.args.get("reason")
    return isinstance(reason, dict) and reason.get("error") in ("lost", "aborted")
