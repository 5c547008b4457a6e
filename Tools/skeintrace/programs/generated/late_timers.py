"""A timer that is asked for late and due soon, beside one that was asked for early and is due later.

Cut down from a generated program. A replay that is slower than the recording may ask for the soon one when the early one is
due already: then the early one has to wait, and the soon one must not wait with it.
"""

from twisted.internet import protocol


def main(reactor):
    class Client(protocol.Protocol):
        def connectionMade(self):
            reactor.callLater(0.008, self.speak)

        def speak(self):
            self.transport.write(b"c")

    class Server(protocol.Protocol):
        def dataReceived(self, data):
            self.transport.write(b"s")

    port = reactor.listenTCP(0, protocol.Factory.forProtocol(Server), interface="127.0.0.1")
    reactor.callLater(0.01, lambda: None)
    reactor.connectTCP("127.0.0.1", port.getHost().port, protocol.ClientFactory.forProtocol(Client))
    reactor.callLater(0.05, reactor.stop)
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor)
