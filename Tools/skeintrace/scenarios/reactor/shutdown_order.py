"""Shutdown with a connection: before with all alive, then everything is lost, then the application's triggers.
Rules C43, C44, C45, C46, C47, C50, D26, X6, X16."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.protocol import ClientFactory, Factory, Protocol

goodbye = Deferred()


class Server(Protocol):
    def connectionMade(self) -> None:
        self.factory.server = self


class Client(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b"hello")

    def dataReceived(self, data: bytes) -> None:
        goodbye.callback(None)


Server.dataReceived = lambda self, data: reactor.stop()
factory = Factory.forProtocol(Server)


def before() -> Deferred:
    factory.server.transport.write(b"goodbye")  # there is time to send it while the Deferred is awaited
    reactor.callLater(0, stop_again)
    return goodbye


def stop_again() -> None:
    try:
        reactor.stop()
    except ReactorNotRunning:
        return
    raise SystemExit("stopped twice")


def during() -> None:
    if reactor.running or factory.server.transport.connected:
        raise SystemExit("the application's trigger came before the reactor's")


def after() -> None:
    if reactor.running:
        raise SystemExit("running")


reactor.addSystemEventTrigger("before", "shutdown", before)
reactor.addSystemEventTrigger("during", "shutdown", during)
reactor.addSystemEventTrigger("after", "shutdown", after)
port = reactor.listenTCP(0, factory, interface="127.0.0.1")
reactor.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(Client))
reactor.run()
