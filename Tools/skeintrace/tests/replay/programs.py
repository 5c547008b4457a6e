"""Small programs, one a corner of the reactor: each is recorded and replayed on every back end."""

from __future__ import annotations

import gc
import socket
import weakref
from collections.abc import Callable
from typing import Any

from twisted.internet import abstract, defer, main, protocol
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IHalfCloseableProtocol, IPullProducer, IPushProducer, IResolverSimple
from zope.interface import implementer

Program = Callable[[Any], None]
PROGRAMS: dict[str, Program] = {}


def program(function: Program) -> Program:
    """Adds a program to the table."""
    PROGRAMS[function.__name__] = function
    return function


class Factory(protocol.ClientFactory):
    """A factory of one class of protocols, for both ends."""

    noisy = False

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make

    def buildProtocol(self, addr: Any) -> Any:
        return self.make()


class Counted:
    """Stops the reactor when as many things have happened as were expected."""

    def __init__(self, reactor: Any, count: int) -> None:
        self.reactor, self.left = reactor, count

    def one(self, *ignored: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.reactor.stop()


def serve(reactor: Any, make: Callable[[], Any]) -> int:
    """Listens on the loopback; gives the port."""
    port = reactor.listenTCP(0, Factory(make), interface="127.0.0.1")
    return int(port.getHost().port)


@program
def iterate(reactor: Any) -> None:
    """The loop turned by hand."""
    fired: list[int] = []
    reactor.callLater(0, fired.append, 1)
    reactor.iterate()
    reactor.callFromThread(fired.append, 2)
    reactor.iterate()
    reactor.callLater(0, reactor.callLater, 0, fired.append, 3)
    reactor.iterate()
    reactor.iterate()
    assert fired == [1, 2, 3]


@program
def shutdown_waits(reactor: Any) -> None:
    """A trigger before shutdown holds the event with a Deferred, which a timer fires."""
    waited: defer.Deferred[None] = defer.Deferred()

    def before() -> defer.Deferred[None]:
        reactor.callLater(0.01, waited.callback, None)
        return waited

    reactor.addSystemEventTrigger("before", "shutdown", before)
    reactor.addSystemEventTrigger("after", "startup", lambda: None)
    for phase in ("after", "during", "before"):
        reactor.addSystemEventTrigger(phase, "shutdown", lambda: None)
    removed = reactor.addSystemEventTrigger("during", "shutdown", lambda: None)
    reactor.removeSystemEventTrigger(removed)
    reactor.callWhenRunning(reactor.callWhenRunning, lambda: None)
    reactor.callWhenRunning(reactor.stop)
    reactor.run()


@program
def timers(reactor: Any) -> None:
    """Timers cancelled, moved, and refused; far enough apart that a busy machine keeps their order."""
    first = reactor.callLater(0.2, lambda: None)
    second = reactor.callLater(0.1, lambda: first.reset(0.05))
    never = reactor.callLater(60, lambda: None)
    late = reactor.callLater(0.01, lambda: None)
    late.delay(0.3)

    def end() -> None:
        never.cancel()
        for wrong in (never.cancel, second.cancel, lambda: reactor.callLater(-1, lambda: None)):
            try:
                wrong()
            except (ValueError, AssertionError):
                pass
        assert not never.active()
        reactor.stop()

    reactor.callLater(0.5, end)
    reactor.run()


@program
def crash_and_run_again(reactor: Any) -> None:
    """A crashed reactor runs again; a stopped one does not."""
    reactor.callWhenRunning(reactor.crash)
    reactor.run()
    reactor.callLater(0, reactor.stop)
    reactor.run()
    for wrong in (reactor.run, reactor.stop):
        try:
            wrong()
        except RuntimeError:
            pass


@program
def clients_of_one_server(reactor: Any) -> None:
    """Four clients send different lengths and leave; the server's ends and theirs finish in any order."""
    count = Counted(reactor, 8)

    class Server(protocol.Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data)

        def connectionLost(self, reason: Any = None) -> None:
            count.one()

    class Client(protocol.Protocol):
        def __init__(self, size: int) -> None:
            self.left = size

        def connectionMade(self) -> None:
            self.transport.write(b"x" * self.left)

        def dataReceived(self, data: bytes) -> None:
            self.left -= len(data)
            if self.left == 0:
                self.transport.loseConnection()

        def connectionLost(self, reason: Any = None) -> None:
            count.one()

    port = serve(reactor, Server)
    for size in (1, 5000, 70, 300):
        reactor.connectTCP("127.0.0.1", port, Factory(lambda size=size: Client(size)))
    reactor.run()


@program
def reconnecting(reactor: Any) -> None:
    """A connector that is refused, tries again, is stopped while connecting, and connects again later."""

    class Persistent(Factory):
        tries = 0

        def startedConnecting(self, connector: Any) -> None:
            self.tries += 1
            if self.tries == 3:
                connector.stopConnecting()

        def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
            if self.tries < 3:
                connector.connect()
            elif self.tries == 3:
                self.port = reactor.listenTCP(free, Factory(protocol.Protocol), interface="127.0.0.1")
                reactor.callLater(0.01, connector.connect)
            else:
                reactor.stop()

        def clientConnectionLost(self, connector: Any, reason: Any) -> None:
            assert connector.getDestination().port == free
            assert connector.state == "disconnected"
            self.port.stopListening().addCallback(lambda _: reactor.stop())

    class Short(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.loseConnection()

    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        free = end.getsockname()[1]
    reactor.connectTCP("127.0.0.1", free, Persistent(Short), timeout=5)
    reactor.run()


@program
def half_close(reactor: Any) -> None:
    """Both ends close their writing side first."""

    @implementer(IHalfCloseableProtocol)
    class Server(protocol.Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data.upper())

        def readConnectionLost(self) -> None:
            self.transport.write(b"bye")
            self.transport.loseWriteConnection()

        def writeConnectionLost(self) -> None:
            self.transport.loseConnection()

    @implementer(IHalfCloseableProtocol)
    class Client(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"hello")
            self.transport.loseWriteConnection()

        def readConnectionLost(self) -> None:
            self.transport.loseConnection()

        def writeConnectionLost(self) -> None:
            self.transport.write(b"ignored")

        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    reactor.connectTCP("127.0.0.1", serve(reactor, Server), Factory(Client))
    reactor.run()


@program
def producers(reactor: Any) -> None:
    """A push producer that is paused and resumed by what the other end reads, then a pull producer."""

    class Server(protocol.Protocol):
        def connectionMade(self) -> None:
            self.seen = 0
            self.transport.pauseProducing()
            reactor.callLater(0.02, self.transport.resumeProducing)

        def dataReceived(self, data: bytes) -> None:
            self.seen += len(data)
            if self.seen == 500000 + 3 * 1000:
                self.transport.loseConnection()

    @implementer(IPushProducer)
    class Push:
        def __init__(self, transport: Any) -> None:
            self.transport = transport

        def pauseProducing(self) -> None:
            pass

        def resumeProducing(self) -> None:
            self.transport.unregisterProducer()
            self.transport.registerProducer(Pull(self.transport), False)

        def stopProducing(self) -> None:
            pass

    @implementer(IPullProducer)
    class Pull:
        def __init__(self, transport: Any) -> None:
            self.transport, self.left = transport, 3

        def resumeProducing(self) -> None:
            if self.left == 0:
                self.transport.unregisterProducer()
            else:
                self.left -= 1
                self.transport.write(b"p" * 1000)

        def stopProducing(self) -> None:
            pass

    class Client(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.registerProducer(Push(self.transport), True)
            self.transport.write(b"0123456789" * 50000)

        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    reactor.connectTCP("127.0.0.1", serve(reactor, Server), Factory(Client))
    reactor.run()


@program
def errors_in_the_application(reactor: Any) -> None:
    """Exceptions of protocols, factories and timers come back as reasons, or are logged and forgotten."""
    count = Counted(reactor, 3)

    class Server(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"hello")

        def connectionLost(self, reason: Any = None) -> None:
            count.one()

    class Broken(protocol.Protocol):
        def dataReceived(self, data: bytes) -> None:
            raise ZeroDivisionError("in dataReceived")

    class Refusing(Factory):
        def buildProtocol(self, addr: Any) -> Any:
            raise LookupError("in buildProtocol")

        def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
            count.one()

    def fail() -> None:
        raise KeyError("in a timer")

    port = serve(reactor, Server)
    reactor.callLater(0, fail)
    reactor.connectTCP("127.0.0.1", port, Factory(Broken))
    reactor.callLater(0.02, lambda: reactor.connectTCP("127.0.0.1", port, Refusing(Broken)))
    reactor.run()


@program
def resolvers(reactor: Any) -> None:
    """A resolver of the application's that answers later, and one that fails."""

    @implementer(IResolverSimple)
    class Resolver:
        def getHostByName(self, name: str, timeout: Any = ()) -> Any:
            if name == "nowhere.example":
                return defer.fail(LookupError(name))
            answer: defer.Deferred[str] = defer.Deferred()
            reactor.callLater(0.01, answer.callback, "127.0.0.1")
            return answer

    class Client(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.loseConnection()

    class Failing(Factory):
        def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
            reactor.stop()

    class Ending(Factory):
        def clientConnectionLost(self, connector: Any, reason: Any) -> None:
            reactor.connectTCP("nowhere.example", 1, Failing(Client))

    reactor.installResolver(Resolver())
    reactor.connectTCP("somewhere.example", serve(reactor, protocol.Protocol), Ending(Client))
    reactor.run()


@program
def ports(reactor: Any) -> None:
    """A port that is taken, one that stops and starts again."""
    factory = Factory(protocol.Protocol)
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    number = port.getHost().port
    try:
        reactor.listenTCP(number, factory, interface="127.0.0.1")
    except CannotListenError:
        pass

    def stopped(ignored: Any) -> None:
        port.startListening()
        assert port.getHost().port
        port.stopListening().addCallback(lambda _: reactor.stop())

    reactor.callWhenRunning(lambda: port.stopListening().addCallback(stopped))
    reactor.run()


@program
def threads(reactor: Any) -> None:
    """Calls from the pool's threads and from the reactor's own, in order."""

    def work(number: int) -> None:
        reactor.callFromThread(done, number)
        reactor.callFromThread(done, number + 1)

    def done(number: int) -> None:
        if number == 2:
            reactor.callFromThread(reactor.stop)

    for _ in range(3):
        reactor.callFromThread(lambda: None)
    reactor.callWhenRunning(reactor.callInThread, work, 1)
    reactor.run()


@program
def raw_peer(reactor: Any) -> None:
    """A socket outside the reactor talks to a server of the reactor's."""
    outside = socket.socket()

    class Server(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"welcome")

        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data)
            reactor.callLater(0.02, answer)

        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    def answer() -> None:
        assert outside.recv(100) == b"welcomehello"
        outside.close()

    port = serve(reactor, Server)
    outside.connect(("127.0.0.1", port))
    outside.sendall(b"hello")
    reactor.run()


@program
def a_reader_of_its_own(reactor: Any) -> None:
    """The application reads a socket itself, through the reactor's poll."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    near.setblocking(False)

    class Reader:
        def fileno(self) -> int:
            return near.fileno()

        def logPrefix(self) -> str:
            return "reader"

        def doRead(self) -> None:
            if near.recv(10) == b"over":
                reactor.removeReader(self)
                near.close()
                reactor.stop()
            else:
                far.send(b"over")

        def connectionLost(self, reason: Any) -> None:
            pass

    reader = Reader()
    reactor.addReader(reader)
    far.send(b"begin")
    assert reader in reactor.getReaders()
    reactor.run()
    far.close()


@program
def aborts(reactor: Any) -> None:
    """One end aborts while the other is sending."""
    count = Counted(reactor, 2)

    class Server(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"y" * 300000)

        def connectionLost(self, reason: Any = None) -> None:
            count.one()

    class Client(protocol.Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.abortConnection()
            self.transport.abortConnection()

        def connectionLost(self, reason: Any = None) -> None:
            count.one()

    reactor.connectTCP("127.0.0.1", serve(reactor, Server), Factory(Client))
    reactor.run()


@program
def closing(reactor: Any) -> None:
    """What is written before loseConnection arrives, and a registered producer holds the close back."""

    class Server(protocol.Protocol):
        def connectionMade(self) -> None:
            assert self.transport.getPeer() != self.transport.getHost()

        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    @implementer(IPullProducer)
    class Pull:
        def resumeProducing(self) -> None:
            pass

        def stopProducing(self) -> None:
            pass

    class Client(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"the last words")
            self.transport.registerProducer(Pull(), False)
            self.transport.loseConnection()
            self.transport.loseConnection()
            reactor.callLater(0.02, self.transport.unregisterProducer)

    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        free = end.getsockname()[1]
    port = serve(reactor, Server)
    reactor.connectTCP("127.0.0.1", port, Factory(Client), bindAddress=("127.0.0.1", free))
    reactor.run()


@program
def a_descriptor_of_its_own(reactor: Any) -> None:
    """The application's own kind of FileDescriptor overrides what it is asked and told, and calls what it overrides."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    near.setblocking(False)

    class Descriptor(abstract.FileDescriptor):
        def fileno(self) -> int:
            return near.fileno()

        def doRead(self) -> Any:
            return None if near.recv(10) else main.CONNECTION_DONE

        def readConnectionLost(self, reason: Any) -> None:
            self.connectionLost(reason)

        def connectionLost(self, reason: Any) -> None:
            super().connectionLost(reason)
            near.close()
            reactor.stop()

    Descriptor(reactor).startReading()
    far.send(b"some")
    reactor.callLater(0.02, far.close)
    reactor.run()


@program
def garbage(reactor: Any) -> None:
    """Nothing refers to the protocol of a connection that was lost."""

    class Client(protocol.Protocol):
        def connectionMade(self) -> None:
            watched.append(weakref.ref(self))
            self.transport.loseConnection()

        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    watched: list[Any] = []
    reactor.connectTCP("127.0.0.1", serve(reactor, protocol.Protocol), Factory(Client))
    reactor.run()
    gc.collect()
    assert watched[0]() is None
