"""Recording changes nothing."""

from __future__ import annotations

import gc
import os
import traceback
import warnings
import weakref
from typing import Any, Callable

import pytest
from twisted.internet import base, defer, protocol, tcp
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer

from skeintrace.record import intercept

from .conftest import Recording

Record = Callable[[Callable[[Any], None]], Recording]


def run(reactor: Any, server: Any, client: Any) -> None:
    """A connection between two protocols; the reactor stops when the client's is lost."""
    accepting = protocol.ServerFactory.forProtocol(lambda: server)
    port = reactor.listenTCP(0, accepting, interface="127.0.0.1")
    connecting = protocol.ClientFactory.forProtocol(lambda: client)
    connecting.clientConnectionLost = lambda connector, reason: reactor.stop()  # type: ignore[method-assign]
    connecting.noisy = accepting.noisy = False
    reactor.connectTCP("127.0.0.1", port.getHost().port, connecting)
    reactor.run(installSignalHandlers=False)


class Closing(protocol.Protocol):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


def test_types_and_identities_stay(record: Record) -> None:
    made: list[Any] = []

    class Looking(Closing):
        def connectionMade(self) -> None:
            made.append((self.factory.buildProtocol(None), self.transport.protocol))  # type: ignore[arg-type]
            super().connectionMade()

    looking = Looking()

    def program(reactor: Any) -> None:
        assert type(reactor).__name__ == "EPollReactor"
        run(reactor, protocol.Protocol(), looking)

    record(program)
    assert made == [(looking, looking)] and made[0][1] is looking
    assert type(looking) is Looking and type(looking.transport) is tcp.Client


def test_a_function_can_be_told_from_no_other_by_its_timer(record: Record) -> None:
    def function() -> None:
        pass

    def program(reactor: Any) -> None:
        timer = reactor.callLater(1, function)
        assert timer.func == function and "function" in repr(timer)

    record(program)


def test_weak_references_die(record: Record) -> None:
    def program(reactor: Any) -> None:
        client = Closing()
        gone = weakref.ref(client)
        run(reactor, protocol.Protocol(), client)
        assert gone() is not None
        del client
        gc.collect()
        assert gone() is None

    record(program)


def test_what_the_application_watched_is_dropped_and_released_in_the_trace(record: Record) -> None:
    def program(reactor: Any) -> None:
        server, client = protocol.Protocol(), Closing()
        watched = weakref.ref(client)
        run(reactor, server, client)
        del server, client
        gc.collect()
        assert watched() is None

    recording = record(program)
    built = recording.all("back", "factory-2.buildProtocol")[0]["gives"]["new"]
    assert [event.get("drop") or event["check"]["released"] for event in recording.events[-2:]] == [built, built]


def test_attributes_set_later_are_called(record: Record) -> None:
    class Late(protocol.Protocol):
        def connectionMade(self) -> None:
            self.dataReceived = lambda data: self.transport.loseConnection()  # type: ignore[method-assign]
            self.transport.write(b"x")

    class Echo(protocol.Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data)

    recording = record(lambda reactor: run(reactor, Echo(), Late()))
    assert [event["args"]["data"] for event in recording.all("back", ".dataReceived")] == [b"x", b"x"]


def test_an_interface_that_is_not_provided_is_not_provided(record: Record) -> None:
    @implementer(IHalfCloseableProtocol)
    class Half(protocol.Protocol):
        def readConnectionLost(self) -> None:
            self.transport.loseConnection()

        def writeConnectionLost(self) -> None:
            pass

    class Whole(Closing):
        def connectionMade(self) -> None:
            self.transport.loseWriteConnection()

    recording = record(lambda reactor: run(reactor, Half(), Whole()))
    built = [event["gives"] for event in recording.all("back", ".buildProtocol")]
    assert [form["implements"] for form in built] == [["half-close", "logging"], ["logging"]]
    assert [event["back"] for event in recording.all("back", ".readConnectionLost")] == ["protocol-1.readConnectionLost"]


def test_tracebacks_have_no_frame_of_the_recorders(record: Record) -> None:
    seen: list[str] = []

    def program(reactor: Any) -> None:
        def fail() -> None:
            try:
                reactor.listenTCP(0, protocol.Factory(), interface="no.such.host")
            except Exception as error:
                seen.extend(frame.filename for frame in traceback.extract_tb(error.__traceback__))
            raise ZeroDivisionError()

        waiting: defer.Deferred[None] = defer.Deferred()
        waiting.addCallback(lambda _: reactor.fireSystemEvent("mine"))
        reactor.addSystemEventTrigger("during", "mine", fail)
        waiting.callback(None)
        with pytest.raises(AttributeError) as caught:
            reactor.addReader(None)
        seen.extend(frame.filename for frame in traceback.extract_tb(caught.value.__traceback__))

    record(program)
    assert len(seen) > 3 and not [name for name in seen if "/skeintrace/record/" in name]


def test_a_failure_of_the_applications_shows_the_applications_frames_alone(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    from twisted.python import log

    shown: list[str] = []

    class Broken(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"x")

        def dataReceived(self, data: bytes) -> None:
            raise ZeroDivisionError()

    def observe(event: dict[str, Any]) -> None:
        if event.get("isError"):
            shown.append(event["failure"].getTraceback())

    log.addObserver(observe)
    try:
        record(lambda reactor: run(reactor, Broken(), Broken()))
    finally:
        log.removeObserver(observe)
    assert shown and "ZeroDivisionError" in shown[0] and "/skeintrace/record/" not in "".join(shown)


def test_a_warning_is_of_the_line_that_it_is_of_without_the_recorder(record: Record) -> None:
    class Deprecated(protocol.Protocol):
        def makeConnection(self, transport: Any) -> None:
            warnings.warn("of whoever calls", DeprecationWarning, stacklevel=2)
            transport.loseConnection()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        record(lambda reactor: run(reactor, Deprecated(), Deprecated()))
    names = {os.path.basename(warning.filename) for warning in caught if "of whoever calls" in str(warning.message)}
    assert names == {"tcp.py"}


def own(cls: type) -> dict[str, Any]:
    """A class's attributes, but for what zope.interface notes on any class that it is asked about."""
    return {name: value for name, value in vars(cls).items() if name not in ("__implemented__", "__provides__")}


def test_uninstalling_leaves_every_class_as_it_was(record: Record) -> None:
    class Mine(Closing):
        pass

    watched = (base.ReactorBase, tcp.Connection, tcp.Client, tcp.Port, tcp.Connector, base.DelayedCall, defer.Deferred, Mine)
    before = [own(cls) for cls in watched]
    collect = gc.collect
    record(lambda reactor: run(reactor, protocol.Protocol(), Mine()))
    assert [own(cls) for cls in watched] == before
    assert gc.collect is collect
    assert not intercept._patches.installed
