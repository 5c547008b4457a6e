"""The connections of a trace: which ends are in it, and what happened at each, in order.

An attempt to connect, a peer's connection or an accepted one is a connection. What a `buildProtocol` comes `after` says
which one it belongs to, so that a client and a server in one program are the two ends of one connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ..format.tree import Crossing
from .addresses import Place, host_bytes, place, port_number
from .capture import CaptureError, is_integer

Role = Literal["client", "server"]
What = Literal["connect", "refused", "established", "received", "written", "end", "shutdown", "close", "abort", "reset"]

MOST_BYTES = 256 * 1024 * 1024
"""What the streams of one trace may hold together."""

_CONNECTS = frozenset({"connectTCP", "connectSSL", "connectUNIX"})


def other(role: Role) -> Role:
    """The other end's role."""
    return "server" if role == "client" else "client"


class Act(NamedTuple):
    """Something that the trace shows of a connection."""

    n: int
    at: int
    what: What
    role: Role = "client"
    data: bytes = b""


@dataclass
class End:
    """One end of a connection that is in the trace."""

    role: Role
    #: The transports that have stood for its socket, the current one last: adopting one makes another.
    transports: list[str] = field(default_factory=list)
    protocol: str | None = None
    losing: bool = False


@dataclass
class Connection:
    """A connection, with what is known of where it goes."""

    n: int
    """The event that it began with."""
    name: str
    """The object to name it by as long as no transport is known."""
    factory: str | None = None
    client: Place = Place()
    server: Place = Place()
    port: Any = None
    ends: dict[Role, End] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)

    @property
    def has_packets(self) -> bool:
        """Whether anything went out: a look-up that failed sends nothing."""
        return any(act.what in ("established", "refused") for act in self.acts)

    @property
    def object(self) -> tuple[str, Role]:
        """The object that a reader knows it by, and that object's role: the client's transport if it is in the trace."""
        for role in ("client", "server"):
            end = self.ends.get(role)
            if end is not None and end.transports:
                return end.transports[0], role
        return self.name, "client"


def connections(crossings: Sequence[Crossing]) -> list[Connection]:
    """The connections of a trace that packets went over, in the order in which they began."""
    finder = _Finder()
    for crossing in crossings:
        finder.take(crossing)
    found = [connection for connection in finder.found if connection.has_packets]
    return sorted(found, key=lambda connection: connection.n)


def _reference(value: Any) -> str | None:
    if isinstance(value, dict):
        for form in ("new", "ref"):
            if isinstance(value.get(form), str):
                return str(value[form])
    return None


def _times(crossing: Crossing | None) -> int:
    """How often a crossing happened, as far as floods of equal ones are folded into it or what it is inside of."""
    times = 1
    while crossing is not None:
        repeat = crossing.repeat
        if isinstance(repeat, dict) and is_integer(repeat.get("times")):
            times *= max(repeat["times"], 1)
        if times > MOST_BYTES:
            return MOST_BYTES
        crossing = crossing.parent
    return times


def _error(crossing: Crossing) -> str:
    reason = crossing.args.get("reason")
    return str(reason.get("error")) if isinstance(reason, dict) else ""


class _Finder:
    """Reads the crossings once, in order."""

    def __init__(self) -> None:
        self.found: list[Connection] = []
        self._by_event: dict[int, Connection] = {}
        self._by_connector: dict[str, Connection] = {}
        self._by_protocol: dict[str, tuple[Connection, End]] = {}
        self._by_transport: dict[str, tuple[Connection, End]] = {}
        self._serving: dict[str, Place] = {}
        self._ports: dict[str, str] = {}
        self._at = 0
        self._bytes = 0

    def take(self, crossing: Crossing) -> None:
        """Takes in the next crossing."""
        at = crossing.event.get("at")
        if is_integer(at):
            self._at = at
        method = crossing.method
        if crossing.kind == "back":
            if method == "buildProtocol":
                self._build(crossing)
            elif method == "startedConnecting":
                self._started(crossing)
            elif method == "clientConnectionFailed":
                self._failed(crossing)
            elif crossing.target in self._by_protocol:
                self._callback(crossing, *self._by_protocol[crossing.target])
            elif method == "makeConnection":
                self._made(crossing, None)
        elif crossing.kind == "call":
            if method in _CONNECTS:
                self._attempt(crossing)
            elif method == "connect" and crossing.target in self._by_connector:
                self._again(crossing)
            elif crossing.target in self._by_transport:
                self._call(crossing, *self._by_transport[crossing.target])
            else:
                self._listening(crossing)
        elif crossing.kind == "peer" and method == "connect" and crossing.raises is None:
            args = crossing.args
            self._begin(Connection(crossing.n, crossing.target, client=place(crossing.gives), server=place(args.get("address"))))

    # Where connections begin.

    def _begin(self, connection: Connection) -> Connection:
        self.found.append(connection)
        self._by_event[connection.n] = connection
        self._act(connection, connection.n, "connect")
        return connection

    def _attempt(self, crossing: Crossing) -> None:
        args = crossing.args
        server = Place(host_bytes(args.get("host")), port_number(args.get("port")))
        connection = Connection(crossing.n, f"attempt {crossing.n}", _reference(args.get("factory")), place(args.get("bindAddress")), server, args.get("port"))  # fmt: skip
        self._begin(connection)
        self._name(connection, _reference(crossing.gives))

    def _again(self, crossing: Crossing) -> None:
        before = self._by_connector[crossing.target]
        connection = Connection(crossing.n, crossing.target, before.factory, Place(before.client.host), before.server, before.port)
        self._begin(connection)
        self._by_connector[crossing.target] = connection

    def _name(self, connection: Connection, connector: str | None) -> None:
        if connector is not None:
            connection.name = connector
            self._by_connector[connector] = connection

    def _started(self, crossing: Crossing) -> None:
        """The connector is shown to the factory before the call that made it gives it."""
        parent = crossing.parent
        connection = self._by_event.get(parent.n) if parent is not None else None
        if connection is not None:
            self._name(connection, _reference(crossing.args.get("connector")))

    def _failed(self, crossing: Crossing) -> None:
        connection = self._by_connector.get(_reference(crossing.args.get("connector")) or "")
        if connection is not None and _error(crossing) == "refused":
            self._act(connection, crossing.n, "refused", "server")

    def _listening(self, crossing: Crossing) -> None:
        """Where a factory's port listens, for connections that nothing else tells the server's address of."""
        port = _reference(crossing.gives)
        factory = _reference(crossing.args.get("factory"))
        if crossing.method in ("listenTCP", "listenSSL", "adoptStreamPort") and factory is not None:
            args = crossing.args
            descriptor = args.get("fileDescriptor")
            socket = descriptor.get("is") if isinstance(descriptor, dict) else None
            listening = socket.get("listening") if isinstance(socket, dict) else None
            binding = place(args.get("port")) if isinstance(args.get("port"), dict) else Place()
            named = Place(host_bytes(args.get("interface")), port_number(args.get("port")))
            self._serving[factory] = place(listening).or_else(binding).or_else(named)
            if port is not None:
                self._ports[port] = factory
        elif crossing.method == "getHost" and crossing.target in self._ports:
            factory = self._ports[crossing.target]
            self._serving[factory] = self._serving[factory].or_else(place(crossing.gives))

    # Where ends appear.

    def _build(self, crossing: Crossing) -> None:
        addr = crossing.args.get("addr")
        after = crossing.event.get("after")
        causes = [self._by_event[n] for n in after if is_integer(n) and n in self._by_event] if isinstance(after, list) else []
        connection = causes[0] if causes else self._waiting(crossing.target)
        if connection is None:
            connection = self._begin(Connection(crossing.n, crossing.target))
        role: Role = "client" if self._is_client(connection, crossing.target, addr) else "server"
        if role == "client":
            connection.server = place(addr).or_else(connection.server)
        else:
            connection.client = place(addr).or_else(connection.client)
            connection.server = connection.server.or_else(self._serving.get(crossing.target, Place()))
        end = connection.ends.setdefault(role, End(role))
        self._act(connection, crossing.n, "established", role)
        protocol = _reference(crossing.gives)
        if protocol is None:
            self._act(connection, crossing.n, "close", role)
        else:
            end.protocol = protocol
            self._by_protocol[protocol] = (connection, end)

    def _waiting(self, factory: str) -> Connection | None:
        """The attempt of a factory's that has come to nothing yet, where the trace does not tie one."""
        for connection in self.found:
            if connection.factory == factory and not connection.has_packets:
                return connection
        return None

    def _is_client(self, connection: Connection, factory: str, addr: Any) -> bool:
        if connection.factory != factory or "client" in connection.ends:
            return False
        parts = addr.get("ipv4", addr.get("ipv6")) if isinstance(addr, dict) else None
        fits = isinstance(parts, list) and len(parts) > 1 and parts[1] == connection.port
        return fits or factory not in self._serving

    def _made(self, crossing: Crossing, known: tuple[Connection, End] | None) -> None:
        transport = _reference(crossing.args.get("transport"))
        if known is not None and transport is not None:
            connection, end = known
            end.transports.append(transport)
            self._by_transport[transport] = known

    # What happens at them.

    def _act(self, connection: Connection, n: int, what: What, role: Role = "client", data: bytes = b"") -> None:
        connection.acts.append(Act(n, self._at, what, role, data))

    def _stream(self, crossing: Crossing, connection: Connection, what: What, role: Role, data: bytes) -> None:
        times = _times(crossing)
        self._bytes += times * len(data)
        if self._bytes > MOST_BYTES:
            raise CaptureError(f"event {crossing.n}: more than {MOST_BYTES} bytes of streams")
        if data:
            self._act(connection, crossing.n, what, role, data * times)

    def _callback(self, crossing: Crossing, connection: Connection, end: End) -> None:
        method, role = crossing.method, end.role
        if method == "makeConnection":
            self._made(crossing, (connection, end))
        elif end.protocol != crossing.target:
            return  # another protocol has adopted the socket
        elif method == "dataReceived":
            data = crossing.args.get("data")
            if not isinstance(data, bytes):
                raise CaptureError(f"event {crossing.n}: the bytes received are not all in the trace")
            self._stream(crossing, connection, "received", role, data)
        elif method == "readConnectionLost":
            self._act(connection, crossing.n, "end", role)
        elif method == "connectionLost":
            error = _error(crossing)
            if error == "aborted":
                self._act(connection, crossing.n, "abort", role)
            elif error == "lost" and crossing.phase == "io":
                self._act(connection, crossing.n, "reset", role)
            else:
                if error == "done" and not end.losing:
                    self._act(connection, crossing.n, "end", role)
                self._act(connection, crossing.n, "close", role)

    def _call(self, crossing: Crossing, connection: Connection, end: End) -> None:
        method, role = crossing.method, end.role
        if method in ("write", "writeSequence") and crossing.raises is None:
            data = crossing.args.get("data")
            pieces: list[Any] = data if isinstance(data, list) else [data]
            if not all(isinstance(piece, bytes) for piece in pieces):
                raise CaptureError(f"event {crossing.n}: the bytes written are not all in the trace")
            self._stream(crossing, connection, "written", role, b"".join(pieces))
        elif method == "loseConnection":
            end.losing = True
        elif method == "loseWriteConnection":
            self._act(connection, crossing.n, "shutdown", role)
        elif method == "getHost":
            known = place(crossing.gives)
            if role == "client":
                connection.client = connection.client.or_else(known)
            else:
                connection.server = connection.server.or_else(known)
