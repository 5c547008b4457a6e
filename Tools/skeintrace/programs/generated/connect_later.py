"""Methods of the reactor's are handed over to be called later, with a port among their arguments.

Cut down from a generated program: the port that the operating system chose is the same one in a call that is made later.
"""

from twisted.internet import protocol


def main(reactor):
    class Client(protocol.Protocol):
        def connectionMade(self):
            self.transport.setTcpKeepAlive(1)
            reactor.callLater(0.01, self.transport.loseConnection)

        def connectionLost(self, reason):
            reactor.callLater(0, reactor.stop)

    port = reactor.listenTCP(0, protocol.Factory.forProtocol(protocol.Protocol), interface="127.0.0.1")
    factory = protocol.ClientFactory.forProtocol(Client)
    reactor.callLater(0.01, reactor.connectTCP, "127.0.0.1", port.getHost().port, factory)
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor)
