"""One connection as a TCP stream: the packets that its acts amount to.

A trace sees sockets, not packets. The packets here are the plainest that say the same: a handshake, the bytes that the
other end received where both ends are in the trace, the bytes written where only one is, an ACK behind every segment,
and the end as the sockets saw it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .addresses import Place, complete
from .capture import CaptureError, Packet
from .connections import Act, Connection, Role, other
from .packets import ACK, FIN, MAXIMUM_SEGMENT, PSH, RST, SYN, tcp_packet

ROLES: tuple[Role, Role] = ("client", "server")


class Placed(NamedTuple):
    """A packet, and the event at whose place it stands in the capture."""

    n: int
    packet: Packet


@dataclass
class _Sender:
    """One end as a sender."""

    place: Place
    next: int
    #: Writes as parts of the stream: where each ends, and its event.
    writes: list[tuple[int, int]] = field(default_factory=list)
    #: How far the stream has been sent, and the first write that still has bytes to go.
    sent: int = 0
    write: int = 0
    #: How many bytes are still going to arrive at the other end.
    remaining: int = 0
    finished: bool = False
    #: A FIN or RST that has to wait, by its event.
    waiting: tuple[int, int] | None = None


def packets(connection: Connection, ordinal: int) -> list[Placed]:
    """The packets of a connection; `ordinal` is its number among those of the trace, from 1."""
    return _Stream(connection, ordinal).run()


class _Stream:
    def __init__(self, connection: Connection, ordinal: int) -> None:
        self.connection = connection
        self.object, self.known_as = connection.object
        places = complete(connection.client, connection.server, ordinal)
        isn = ordinal * 2**24 % 2**32
        self.senders = {role: _Sender(place, isn) for role, place in zip(ROLES, places)}
        self.placed: list[Placed] = []
        self.open = False
        self.over = False
        self.act = connection.acts[0]

    def run(self) -> list[Placed]:
        connection = self.connection
        for role in ROLES:
            self._prepare(role)
        for act in connection.acts:
            self.act = act
            self._take(act)
        return self.placed

    def _prepare(self, role: Role) -> None:
        """What `role` sends: told by what the other end received, if that is in the trace, and by what it wrote."""
        sender = self.senders[role]
        received = b"".join(a.data for a in self.connection.acts if a.what == "received" and a.role == other(role))
        sender.remaining = len(received)
        end = 0
        for act in self.connection.acts:
            if act.what != "written" or act.role != role:
                continue
            expected = received[end : end + len(act.data)]
            if other(role) in self.connection.ends and expected != act.data[: len(expected)]:
                differs = next(i for i, (a, b) in enumerate(zip(expected, act.data)) if a != b)
                raise CaptureError(
                    f"event {act.n}: byte {end + differs} of what it sends is not the one that the other end received"
                )
            end += len(act.data)
            sender.writes.append((end, act.n))

    def _take(self, act: Act) -> None:
        if act.what == "established":
            self._establish(act)
        elif act.what == "refused":
            self._refuse(act)
        if self.over or not self.open:
            return
        outside = other(act.role) not in self.connection.ends
        if act.what == "received":
            self._data(other(act.role), act.data)
            self._settle()
        elif act.what == "written" and outside and not self.senders[act.role].finished:
            self._data(act.role, act.data)
        elif act.what == "end" and outside:
            self._finish(other(act.role), FIN)
        elif act.what in ("shutdown", "close"):
            self._finish(act.role, FIN)
        elif act.what == "abort":
            self._finish(act.role, RST)
        elif act.what == "reset":
            self._finish(other(act.role), RST)

    # Segments.

    def _send(self, role: Role, flags: int, data: bytes = b"", events: tuple[int, ...] = ()) -> None:
        sender, receiver = self.senders[role], self.senders[other(role)]
        ack = receiver.next if flags & ACK else 0
        packet = tcp_packet(sender.place, receiver.place, sender.next, ack, flags, data)
        sender.next += len(data) + (1 if flags & (SYN | FIN) else 0)
        events = events or (self.act.n,)
        self.placed.append(Placed(self.act.n, Packet(self.act.at, packet, events, self.object, role == self.known_as)))

    def _attempt(self) -> Act:
        return self.connection.acts[0]

    def _first(self) -> None:
        """The SYN, where the connection began."""
        now, self.act = self.act, self._attempt()
        self._send("client", SYN)
        self.act = now

    def _establish(self, act: Act) -> None:
        if self.open or self.over:
            return
        self._first()
        self._send("server", SYN | ACK)
        self._send("client", ACK)
        self.open = True

    def _refuse(self, act: Act) -> None:
        if self.open or self.over:
            return
        self._first()
        self.senders["server"].next = 0
        self._send("server", RST | ACK)
        self.over = True

    def _data(self, role: Role, data: bytes) -> None:
        sender = self.senders[role]
        assert sender.place.host is not None
        most = MAXIMUM_SEGMENT[len(sender.place.host)]
        for start in range(0, len(data), most):
            piece = data[start : start + most]
            self._send(role, PSH | ACK, piece, self._events(sender, len(piece)))
            self._send(other(role), ACK)
        # Of an end outside the trace nothing is known to remain.
        sender.remaining = max(sender.remaining - len(data), 0)

    def _events(self, sender: _Sender, count: int) -> tuple[int, ...]:
        """The event that the segment stands at, and the writes whose bytes it carries."""
        sender.sent += count
        events = [self.act.n]
        while sender.write < len(sender.writes):
            end, n = sender.writes[sender.write]
            if n not in events:
                events.append(n)
            if end > sender.sent:
                break
            sender.write += 1
            if end == sender.sent:
                break
        return tuple(events)

    # Ends.

    def _finish(self, role: Role, flag: int) -> None:
        sender = self.senders[role]
        if sender.finished and flag == FIN:
            return
        sender.finished = True
        if sender.waiting is None or flag == RST:
            sender.waiting = (flag, self.act.n)
        self._settle()

    def _settle(self) -> None:
        """Sends what waited: a FIN until all that its sender sent has arrived, an RST until nothing more arrives at all."""
        for role in ROLES:
            sender = self.senders[role]
            if sender.waiting is None or sender.remaining or self.over:
                continue
            flag, n = sender.waiting
            if flag == RST:
                if self.senders[other(role)].remaining:
                    continue
                self.over = True
            sender.waiting = None
            self._send(role, flag | ACK, events=(n,))
            if flag == FIN:
                self._send(other(role), ACK, events=(n,))
