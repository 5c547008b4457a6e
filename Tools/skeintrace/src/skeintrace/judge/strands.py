"""Strands: the sequences of callbacks whose order is total.

A strand is a client's attempt to connect with all that follows from it, an accepted connection, a port, a system event,
a timer, one thread's queue of calls, or an object of the application's own that the system calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .recording import Event, Raised, Recording, Returned, Value
from .values import first_reference, introduced_by, kind_of, outcome_value

CONNECT_METHODS = frozenset({"connectTCP", "connectUNIX", "connectSSL", "connect"})
LISTEN_METHODS = frozenset({"listenTCP", "listenUNIX", "listenSSL", "listenUDP", "adoptStreamPort", "adoptDatagramPort", "listenMulticast", "listenWith"})
FACTORY_ENDINGS = frozenset({"clientConnectionFailed", "clientConnectionLost"})
PROTOCOL_METHODS = frozenset({"makeConnection", "dataReceived", "connectionLost", "readConnectionLost", "writeConnectionLost"})


@dataclass
class Attempt:
    """One attempt of a connector to connect: the strand of everything that comes of it."""

    call: int
    factory: str
    strand: str
    destination: Value = None
    connector: str | None = None
    built: bool = False
    ended: bool = False


@dataclass
class Strands:
    """Which strand each callback of a recording belongs to, and which one each object was in when an event used it."""

    recording: Recording
    #: The strand of each callback.
    of_callback: dict[int, str] = field(default_factory=dict)
    #: The strand of a call's own object when the call was made; absent for the reactor's own calls.
    of_target: dict[int, str] = field(default_factory=dict)
    #: The callbacks of each strand, in order.
    callbacks: dict[str, list[int]] = field(default_factory=dict)
    #: The transport of each connection's strand, and the protocol whose bytes it carries.
    transports: dict[str, str] = field(default_factory=dict)
    protocols: dict[str, str] = field(default_factory=dict)
    #: The accepted strand at the other end of a client's strand or of a peer, both ways, as far as the recording says.
    peers: dict[str, str] = field(default_factory=dict)
    #: The call that introduced each attempt's strand.
    attempts: dict[int, Attempt] = field(default_factory=dict)
    #: Successive strands of one connector or port: a strand and the one before it.
    previous: dict[str, str] = field(default_factory=dict)

    _objects: dict[str, str] = field(default_factory=dict)
    _current: dict[str, Attempt] = field(default_factory=dict)
    _ports: dict[str, list[str]] = field(default_factory=dict)
    _factory_of_port: dict[str, str] = field(default_factory=dict)
    _events: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Twice: what a later event says about an object also places the earlier ones that use it.
        self._scan()
        known = self._objects
        for table in (self.of_callback, self.of_target, self.callbacks, self.transports, self.protocols, self.peers,
                      self.attempts, self.previous, self._current, self._ports, self._factory_of_port):  # fmt: skip
            table.clear()
        self._objects = {name: strand for name, strand in known.items() if kind_of(name) in ("protocol", "transport")}
        self._scan()

    def _scan(self) -> None:
        for n in self.recording.order:
            event = self.recording.events[n]
            if event.kind == "back":
                strand = self._callback(event)
                self.of_callback[n] = strand
                self.callbacks.setdefault(strand, []).append(n)
            else:
                if event.kind in ("call", "get", "set") and event.target in self._objects:
                    self.of_target[n] = self._objects[event.target]
                if event.kind == "call":
                    self._call(event)

    # Calls, which introduce most strands.

    def _call(self, event: Event) -> None:
        gives = outcome_value(event)
        given = first_reference(gives) if isinstance(event.outcome, Returned) else None
        if event.method in CONNECT_METHODS and (event.method != "connect" or kind_of(event.target) == "connector"):
            self._attempt(event, given)
        elif event.method in LISTEN_METHODS:
            port = given or f"port of {event.n}"
            self._objects[port] = port
            factory = first_reference(event.args.get("factory")) or first_reference(event.args.get("protocol"))
            if factory is not None:
                self._factory_of_port[port] = factory
                self._ports.setdefault(factory, []).append(port)
        elif event.method == "startListening" and kind_of(event.target) == "port":
            factory = self._factory_of_port.get(event.target)
            if factory is not None:
                self._ports.setdefault(factory, []).append(event.target)
        elif event.method == "adoptStreamConnection":
            if given is not None:
                self._objects[given] = f"adopted {event.n}"
        elif event.method == "registerProducer":
            producer = first_reference(event.args.get("producer"))
            if producer is not None and kind_of(producer) != "protocol" and event.target in self._objects:
                self._objects[producer] = self._objects[event.target]
        elif event.method == "addSystemEventTrigger" and given is not None:
            self._events[given] = f"event {event.args.get('eventType')}"
        elif event.method == "callWhenRunning" and given is not None:
            self._events[given] = "event startup"
        for name, _ in introduced_by(event):
            if kind_of(name) == "deferred":
                self._objects.setdefault(name, self._objects.get(event.target, name))
            elif kind_of(name) in ("timer", "threadcall"):
                self._objects.setdefault(name, name)

    def _attempt(self, event: Event, given: str | None) -> None:
        if isinstance(event.outcome, Raised) and not self.recording.children.get(event.n):
            return  # Refused before it began: the factory was told nothing.
        strand = f"connection {event.n}"
        if event.method == "connect":
            before = self._current.get(event.target)
            factory = before.factory if before else ""
            attempt = Attempt(event.n, factory, strand, before.destination if before else None, event.target)
            if before is not None:
                self.previous[strand] = before.strand
        else:
            factory = first_reference(event.args.get("factory")) or ""
            attempt = Attempt(event.n, factory, strand, event.args.get("port", event.args.get("address")), given)
        self.attempts[event.n] = attempt
        if attempt.connector is not None:
            self._current[attempt.connector] = attempt
            self._objects[attempt.connector] = strand

    # Callbacks, which belong to them.

    def _callback(self, event: Event) -> str:
        kind = kind_of(event.target)
        strand = self._by_firing(event) or self._by_call(event) or self._by_connector(event)
        if strand is None:
            if event.method == "buildProtocol":
                strand = self._build(event)
            elif event.method in ("doStop", "doStart") and kind in ("factory", "protocol"):
                strand = self._start_or_stop(event)
            else:
                strand = self._objects.get(event.target, event.target)
        if event.method == "buildProtocol":
            protocol = first_reference(outcome_value(event)) if isinstance(event.outcome, Returned) else None
            if protocol is not None:
                self._objects[protocol] = strand
                self.protocols[strand] = protocol
        elif event.method == "makeConnection":
            transport = first_reference(event.args.get("transport"))
            if transport is not None:
                self._objects[transport] = strand
                self.transports[strand] = transport
                self.protocols.setdefault(strand, event.target)
        for name, _ in introduced_by(event):
            self._objects.setdefault(name, strand if kind_of(name) != "deferred" else name)
        return strand

    def _by_firing(self, event: Event) -> str | None:
        if event.of is None:
            return None
        if event.of in self._events:
            return self._events[event.of]
        if kind_of(event.of) == "threadcall":
            return f"calls of {self._caller(event.of)}" if event.thread is None else event.of
        return event.of

    def _caller(self, name: str) -> str:
        """Who asked for a thread's call: what a thread of the pool does for a call of its own, or another thread.

        The reactor's own thread may make its calls in another order than they were recorded in: each is by itself.
        """
        for n in self.recording.order:
            event = self.recording.events[n]
            if event.kind == "call" and any(found == name for found, _ in introduced_by(event)):
                if event.thread is None:
                    return name
                outer = self.recording.events[event.parent] if event.parent is not None else event
                return outer.of or event.thread
        return name

    def _by_call(self, event: Event) -> str | None:
        """The strand of what a connecting, listening or adopting call does inside itself."""
        if event.parent is None:
            return None
        call = self.recording.events[event.parent]
        if call.n in self.attempts:
            attempt = self.attempts[call.n]
            if event.method == "startedConnecting":
                connector = first_reference(event.args.get("connector"))
                if connector is not None and attempt.connector is None:
                    attempt.connector = connector
                if attempt.connector is not None:
                    self._current[attempt.connector] = attempt
                    self._objects[attempt.connector] = attempt.strand
                return attempt.strand
            if event.method == "doStart":
                return attempt.strand
        if call.method in LISTEN_METHODS or call.method == "startListening":
            given = call.target if call.method == "startListening" else first_reference(outcome_value(call))
            if event.method in ("doStart", "makeConnection", "startProtocol"):
                return given or f"port of {call.n}"
        if call.method == "adoptStreamConnection":
            return f"adopted {call.n}"
        return None

    def _by_connector(self, event: Event) -> str | None:
        if event.method not in FACTORY_ENDINGS and event.method != "startedConnecting":
            return None
        connector = first_reference(event.args.get("connector"))
        attempt = self._current.get(connector) if connector is not None else None
        if attempt is None:
            return None
        attempt.ended = event.method in FACTORY_ENDINGS
        return attempt.strand

    def _build(self, event: Event) -> str:
        """The strand of a `buildProtocol`: a client's attempt that is under way, or a connection just accepted."""
        addr = event.args.get("addr")
        tied = [self.attempts[n] for n in event.after if n in self.attempts]
        serves = bool(self._ports.get(event.target))
        mine = [a for a in (tied or self.attempts.values()) if a.factory == event.target]
        candidates = mine if tied else [a for a in mine if not a.built and not a.ended]
        fitting = [a for a in candidates if _goes_to(a.destination, addr)]
        chosen = fitting or ([] if serves else candidates)
        if chosen:
            chosen[0].built = True
            return chosen[0].strand
        strand = f"accepted {event.n}"
        if tied:
            self.peers[strand] = tied[0].strand
            self.peers[tied[0].strand] = strand
        for n in event.after:
            cause = self.recording.events.get(n)
            if cause is not None and cause.kind == "peer":
                self.peers[strand] = cause.target
                self.peers[cause.target] = strand
        return strand

    def _start_or_stop(self, event: Event) -> str:
        """A factory's start or stop, which bears no argument: of what came before it in the same dispatch."""
        siblings = self.recording.children.get(event.parent, [])
        for n in reversed(siblings[: siblings.index(event.n)]):
            before = self.recording.events[n]
            if before.kind != "back":
                continue
            same = (before.turn, before.phase, before.thread) == (event.turn, event.phase, event.thread)
            if same and before.target == event.target and before.method in FACTORY_ENDINGS:
                return self.of_callback[n]
            break
        ports = self._ports.get(event.target)
        if event.method == "doStop" and ports:
            return ports.pop(0)
        attempts = [a for a in self.attempts.values() if a.factory == event.target]
        for attempt in attempts:
            if not attempt.ended:
                return attempt.strand
        return attempts[-1].strand if attempts else self._objects.get(event.target, event.target)


def _goes_to(destination: Value, addr: Value) -> bool:
    """Whether an address is the one that a connecting call named, as far as the port tells."""
    if destination is None or not isinstance(addr, dict):
        return False
    for form in ("ipv4", "ipv6", "unix"):
        if form in addr:
            place = addr[form]
            return bool((place[1] if isinstance(place, list) and len(place) > 1 else place) == destination)
    return False
