"""Plausible mistakes, planted in Twisted one at a time, and taken out again: the replay of some program must notice each."""

from __future__ import annotations

import functools
import heapq
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from twisted.internet import abstract, base, epollreactor, main, tcp
from twisted.internet.error import ConnectionDone
from twisted.python import log
from twisted.python.failure import Failure

from skeintrace.record import intercept

#: Makes the mistaken method from the right one.
Mistake = Callable[[Callable[..., Any]], Callable[..., Any]]
FAULTS: dict[str, tuple[Any, str, Mistake]] = {}

DONE = Failure(main.CONNECTION_DONE)
LOST = Failure(main.CONNECTION_LOST)


def fault(name: str, owner: Any, member: str) -> Callable[[Mistake], Mistake]:
    """Adds a mistake in one method to the table."""

    def add(mistake: Mistake) -> Mistake:
        FAULTS[name] = (owner, member, mistake)
        return mistake

    return add


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Twisted with one mistake in it. The recorder is taken out first, so that it sees the mistaken method as any other."""
    owner, member, mistake = FAULTS[name]
    intercept.uninstall()
    own = owner.__dict__.get(member)
    right = getattr(owner, member)
    setattr(owner, member, functools.wraps(right)(mistake(right)))
    try:
        yield
    finally:
        intercept.uninstall()
        if own is None:
            delattr(owner, member)
        else:
            setattr(owner, member, own)


def _empty(transport: Any) -> bool:
    return not transport.dataBuffer[transport.offset :] and not transport._tempDataBuffer


@fault("doStop forgotten", base.BaseConnector, "connectionLost")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def connectionLost(self: Any, reason: Any) -> None:
        self.state = "disconnected"
        self.factory.clientConnectionLost(self, reason)

    return connectionLost


@fault("doStop of a port forgotten", tcp.Port, "connectionLost")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def connectionLost(self: Any, reason: Any) -> None:
        factory, self.factory = self.factory, type("", (), {"doStop": lambda self: None})()
        try:
            right(self, reason)
        finally:
            self.factory = factory

    return connectionLost


@fault("doStart twice", tcp.Port, "startListening")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def startListening(self: Any) -> None:
        right(self)
        self.factory.doStart()

    return startListening


@fault("done reported as lost", tcp.Connection, "connectionLost")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, reason: right(self, LOST if reason.check(ConnectionDone) else reason)


@fault("a pull producer resumed twice", abstract.FileDescriptor, "registerProducer")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def registerProducer(self: Any, producer: Any, streaming: Any) -> None:
        right(self, producer, streaming)
        if not streaming and not self.disconnected:
            producer.resumeProducing()

    return registerProducer


@fault("the buffer dropped at loseConnection", abstract.FileDescriptor, "loseConnection")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def loseConnection(self: Any) -> None:
        if self.connected and not self.disconnecting:
            self.dataBuffer, self._tempDataBuffer, self._tempDataLen, self.offset = b"", [], 0, 0
        right(self)

    return loseConnection


@fault("closing while a producer is registered", abstract.FileDescriptor, "doWrite")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: right(self) or (main.CONNECTION_DONE if self.disconnecting and _empty(self) else None)


@fault("unregisterProducer does not finish a close", abstract.FileDescriptor, "unregisterProducer")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def unregisterProducer(self: Any) -> None:
        self.producer = None

    return unregisterProducer


@fault("a client's peer and host exchanged", tcp._BaseTCPClient, "getPeer")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: self.getHost()


@fault("a server's peer and host exchanged", tcp.Server, "getPeer")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: self.getHost()


@fault("the connector told before the protocol", tcp.BaseClient, "connectionLost")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def connectionLost(self: Any, reason: Any) -> None:
        if self.connected:
            self.connector.connectionLost(reason)
            tcp.Connection.connectionLost(self, reason)
        else:
            right(self, reason)

    return connectionLost


@fault("timers last in, first out", base.DelayedCall, "__lt__")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: self.time > other.time


@fault("a timer fires early", base.ReactorBase, "callLater")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, delay, callable, *args, **kw: right(self, delay / 2, callable, *args, **kw)


@fault("callLater(0) run in the same turn", base.ReactorBase, "runUntilCurrent")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def runUntilCurrent(self: Any) -> None:
        right(self)
        self._insertNewDelayedCalls()
        while self._pendingTimedCalls and self._pendingTimedCalls[0].time <= self.seconds():
            call = heapq.heappop(self._pendingTimedCalls)
            if not call.cancelled:
                call.called = 1
                call.func(*call.args, **call.kw)

    return runUntilCurrent


@fault("half-close ignored", tcp.Connection, "readConnectionLost")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, reason: self.connectionLost(reason)


@fault("loseConnection inside the call", abstract.FileDescriptor, "loseConnection")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def loseConnection(self: Any) -> None:
        if self.connected and _empty(self) and self.producer is None:
            self.stopReading()
            self.connectionLost(DONE)
        else:
            right(self)

    return loseConnection


@fault("data sent inside write", abstract.FileDescriptor, "write")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def write(self: Any, data: bytes) -> None:
        right(self, data)
        if self.connected and data:
            self.doWrite()

    return write


@fault("stop acts inside the call", base.ReactorBase, "stop")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def stop(self: Any) -> None:
        right(self)
        self._justStopped = False
        self.fireSystemEvent("shutdown")

    return stop


@fault("stop acts a turn late", base.ReactorBase, "stop")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def stop(self: Any) -> None:
        right(self)
        self._justStopped = False
        self.callLater(0, setattr, self, "_justStopped", True)

    return stop


@fault("abort treated as close", tcp._AbortingMixin, "abortConnection")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: self.loseConnection()


@fault("the last byte of a chunk lost", tcp.Connection, "_dataReceived")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, data: right(self, data[:-1] if len(data) > 4 else data)


@fault("a chunk delivered twice", tcp.Connection, "_dataReceived")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, data: (right(self, data), right(self, data))[1]


@fault("clientConnectionFailed twice", base.BaseConnector, "connectionFailed")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def connectionFailed(self: Any, reason: Any) -> None:
        self.factory.clientConnectionFailed(self, reason)
        right(self, reason)

    return connectionFailed


@fault("flush before the poll", epollreactor.EPollReactor, "doIteration")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def doIteration(self: Any, timeout: Any) -> None:
        for number in list(self._writes):
            thing = self._selectables.get(number)
            if isinstance(thing, tcp.Connection) and thing.connected:
                log.callWithLogger(thing, self._doReadOrWrite, thing, number, select.EPOLLOUT)
                timeout = 0
        right(self, timeout)

    return doIteration


@fault("a thread's calls reordered", base.ReactorBase, "runUntilCurrent")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def runUntilCurrent(self: Any) -> None:
        self.threadCallQueue.reverse()
        right(self)

    return runUntilCurrent


@fault("trigger phases merged", base.ReactorBase, "addSystemEventTrigger")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, phase, event, callable, *args, **kw: right(self, "during", event, callable, *args, **kw)


@fault("the before Deferred not waited for", base._ThreePhaseEvent, "fireEvent")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def fireEvent(self: Any) -> None:
        for callable, args, kwargs in self.before:
            callable(*args, **kwargs)
        self.before = []
        self.state = "BEFORE"
        self.finishedBefore = []
        self._continueFiring(None)

    return fireEvent


@fault("a reference kept", tcp.Connection, "connectionLost")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def connectionLost(self: Any, reason: Any) -> None:
        self.reactor.__dict__.setdefault("kept", []).append(getattr(self, "protocol", None))
        right(self, reason)

    return connectionLost


@fault("the bind address ignored", tcp.Connector, "__init__")
def _(right: Callable[..., Any]) -> Callable[..., Any]:
    def __init__(self: Any, host: Any, port: Any, factory: Any, timeout: Any, bindAddress: Any, reactor: Any = None) -> None:
        right(self, host, port, factory, timeout, None, reactor)

    return __init__
