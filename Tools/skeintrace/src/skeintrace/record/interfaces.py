"""The boundary's members: which class is what kind of object, and the names that the interfaces give to arguments."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable

from twisted.internet import interfaces
from zope.interface import Interface


@dataclass(frozen=True)
class Signature:
    """A method's arguments under the interface's names."""

    positional: tuple[str, ...]
    defaults: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """The implementer's names, where they are others, and the interface's."""

    def name(self, keyword: str) -> str:
        """The interface's name of a keyword argument."""
        return self.aliases.get(keyword, keyword)

    def is_default(self, name: str, value: Any) -> bool:
        """Whether an argument is the one that is meant when it is left out."""
        if name not in self.defaults:
            return False
        default = self.defaults[name]
        numbers = type(default) in (int, float) and type(value) in (int, float)
        return (numbers or type(default) is type(value)) and bool(default == value)


def _of_function(function: Callable[..., Any]) -> Signature:
    names, defaults = [], {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
            if parameter.default is not parameter.empty:
                defaults[parameter.name] = parameter.default
    return Signature(tuple(names), defaults)


def signature(function: Callable[..., Any], name: str, sources: Iterable[Any]) -> Signature:
    """The signature of a method: the first interface's that has it, or its own. The defaults are the implementer's, if it has some."""
    own = _of_function(function)
    for source in sources:
        method = source.get(name)
        if method is None or not hasattr(method, "positional"):
            continue
        names = tuple(method.positional)
        defaults = dict(method.optional)
        for given, known in zip(own.positional, names):
            if given in own.defaults:
                defaults[known] = own.defaults[given]
        return Signature(names, defaults, {a: b for a, b in zip(own.positional, names) if a != b})
    return own


REACTOR: tuple[type[Interface], ...] = (
    interfaces.IReactorCore,
    interfaces.IReactorTime,
    interfaces.IReactorFromThreads,
    interfaces.IReactorInThreads,
    interfaces.IReactorThreads,
    interfaces.IReactorFDSet,
    interfaces.IReactorTCP,
    interfaces.IReactorSSL,
    interfaces.IReactorSocket,
    interfaces.IReactorUDP,
    interfaces.IReactorMulticast,
    interfaces.IReactorUNIX,
    interfaces.IReactorUNIXDatagram,
    interfaces.IReactorProcess,
    interfaces.IReactorPluggableResolver,
    interfaces.IReactorPluggableNameResolver,
)
TRANSPORT: tuple[type[Interface], ...] = (
    interfaces.ITransport,
    interfaces.ITCPTransport,
    interfaces.ITLSTransport,
    interfaces.IConsumer,
    interfaces.IPushProducer,
    interfaces.IReadWriteDescriptor,
    interfaces.IHalfCloseableDescriptor,
    interfaces.ISystemHandle,
    interfaces.ILoggingContext,
)
PORT: tuple[type[Interface], ...] = (interfaces.IListeningPort, interfaces.IReadWriteDescriptor)
CONNECTOR: tuple[type[Interface], ...] = (interfaces.IConnector,)
TIMER: tuple[type[Interface], ...] = (interfaces.IDelayedCall,)
RESOLVER: tuple[type[Interface], ...] = (interfaces.IResolverSimple, interfaces.IHostnameResolver)
RESOLUTION: tuple[type[Interface], ...] = (interfaces.IHostResolution,)

REACTOR_METHODS = frozenset(
    name
    for interface in REACTOR
    for name, method in interface.namesAndDescriptions(all=True)
    if hasattr(method, "positional")
) - {"seconds"} | {"startRunning", "mainLoop", "runUntilCurrent", "doIteration", "disconnectAll", "wakeUp"}
TRANSPORT_METHODS = frozenset(
    name
    for interface in TRANSPORT
    for name, method in interface.namesAndDescriptions(all=True)
    if hasattr(method, "positional")
) | {"startReading", "stopReading", "startWriting", "stopWriting", "stopConsuming", "getTcpNoDelay"}
PORT_METHODS = frozenset({"startListening", "stopListening", "loseConnection", "getHost", "connectionLost", "fileno"}) | {
    "startReading", "stopReading", "doRead",
}
CONNECTOR_METHODS = frozenset({"connect", "disconnect", "stopConnecting", "getDestination"})
TIMER_METHODS = frozenset({"cancel", "delay", "reset", "active", "getTime"})
POOL_METHODS = frozenset({"callInThread", "callInThreadWithCallback", "adjustPoolsize", "start", "stop"})
RESOLVER_METHODS = frozenset({"getHostByName", "resolveHostName"})

ROLES = {
    "factory": "factory",
    "protocol": "protocol",
    "producer": "producer",
    "reader": "reader",
    "writer": "reader",
    "resolver": "resolver",
    "contextFactory": "context",
    "resolutionReceiver": "receiver",
}
"""What an application's object is to the system, by the argument that it is handed over as."""

CALLABLES = frozenset({"callable", "func", "onResult"})
"""The arguments that the system will call."""


@dataclass(frozen=True)
class Callback:
    """One method of the application's that the system calls: its arguments' names, and what becomes of its result."""

    positional: tuple[str, ...] = ()
    returns: str | None = None
    """The role of what it returns, `value` for a plain value, or None where the system ignores it."""
    defaults: dict[str, Any] = field(default_factory=dict)


CALLBACKS: dict[str, dict[str, Callback]] = {
    "factory": {
        "doStart": Callback(),
        "doStop": Callback(),
        "buildProtocol": Callback(("addr",), "protocol"),
        "startedConnecting": Callback(("connector",)),
        "clientConnectionFailed": Callback(("connector", "reason")),
        "clientConnectionLost": Callback(("connector", "reason")),
    },
    "protocol": {
        "makeConnection": Callback(("transport",)),
        "dataReceived": Callback(("data",)),
        "connectionLost": Callback(("reason",)),
        "readConnectionLost": Callback(),
        "writeConnectionLost": Callback(),
        "handshakeCompleted": Callback(),
        "fileDescriptorReceived": Callback(("descriptor",)),
        "datagramReceived": Callback(("datagram", "addr")),
        "connectionRefused": Callback(),
        "doStart": Callback(),
        "doStop": Callback(),
    },
    "producer": {
        "pauseProducing": Callback(),
        "resumeProducing": Callback(),
        "stopProducing": Callback(),
    },
    "reader": {
        "doRead": Callback((), "value"),
        "doWrite": Callback((), "value"),
        "writeSomeData": Callback(("data",), "value"),
        "connectionLost": Callback(("reason",)),
        "readConnectionLost": Callback(("reason",)),
        "writeConnectionLost": Callback(("reason",)),
    },
    "resolver": {
        "getHostByName": Callback(("name", "timeout"), "deferred"),
        "resolveHostName": Callback(
            ("resolutionReceiver", "hostName", "portNumber", "addressTypes", "transportSemantics"),
            defaults={"portNumber": 0, "addressTypes": None, "transportSemantics": "TCP"},
        ),
    },
    "receiver": {
        "resolutionBegan": Callback(("resolutionInProgress",)),
        "addressResolved": Callback(("address",)),
        "resolutionComplete": Callback(),
    },
    "context": {"getContext": Callback((), "opaque")},
}
"""The application's objects by kind, and what the system calls on them."""

IMPLEMENTS: dict[str, tuple[tuple[str, type[Interface]], ...]] = {
    "factory": (("logging", interfaces.ILoggingContext),),
    "protocol": (
        ("half-close", interfaces.IHalfCloseableProtocol),
        ("logging", interfaces.ILoggingContext),
        ("handshake", interfaces.IHandshakeListener),
        ("file-descriptor-receiver", interfaces.IFileDescriptorReceiver),
    ),
    "producer": (("push", interfaces.IPushProducer), ("pull", interfaces.IPullProducer)),
    "reader": (
        ("read-descriptor", interfaces.IReadDescriptor),
        ("write-descriptor", interfaces.IWriteDescriptor),
        ("half-close-descriptor", interfaces.IHalfCloseableDescriptor),
    ),
    "resolver": (
        ("resolver-simple", interfaces.IResolverSimple),
        ("resolver-hostname", interfaces.IHostnameResolver),
    ),
}
"""The interfaces that the system branches on, by what the object is to it, under the words of the format."""
