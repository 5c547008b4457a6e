"""stopListening closes in the next turn, and not the connections; a second one fails; a port can start again.
Rules P18, P19, P20, P21, P22, P23, P8, X35."""

from common.connection import Quiet, connect, listen
from twisted.internet import reactor
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory

seen = []


class Server(Quiet):
    def connectionMade(self) -> None:
        reactor.callLater(0, self.stop_listening)

    def stop_listening(self) -> None:
        port.stopListening().addCallback(lambda result: seen.append("first"))
        port.stopListening().addErrback(lambda failure: seen.append("second"))
        try:
            reactor.listenTCP(number, Factory(), interface="127.0.0.1")
        except CannotListenError:
            reactor.callLater(0, self.closed)
        else:
            raise SystemExit("it is closed at once")

    def closed(self) -> None:
        if port.stopListening() is not None:
            raise SystemExit("there is nothing to wait for")
        try:
            port.getHost()
        except AttributeError:
            self.transport.write(b"still here")
        else:
            raise SystemExit("it has no address any more")


class Client(Quiet):
    def dataReceived(self, data: bytes) -> None:
        port.startListening()
        port.stopListening().addCallback(lambda result: reactor.stop())


port = listen(Server)
number = port.getHost().port
connect(port, Client)
reactor.run()
if seen != ["first", "second"]:
    raise SystemExit(f"seen {seen}")
