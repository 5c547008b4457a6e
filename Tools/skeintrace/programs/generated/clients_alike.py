"""Three clients of one factory to one server, which connect again as soon as they are lost.

Cut down from a generated program. Nothing but the attempt that it comes of tells one connection from another.
"""

from twisted.internet import protocol


def main(reactor):
    class Server(protocol.Protocol):
        def connectionMade(self):
            self.transport.loseConnection()

    class Clients(protocol.ClientFactory):
        protocol = protocol.Protocol
        lost = []

        def clientConnectionLost(self, connector, reason):
            self.lost.append(connector)
            if self.lost.count(connector) == 1:
                connector.connect()
            if len(self.lost) == 6:
                reactor.stop()

    port = reactor.listenTCP(0, protocol.Factory.forProtocol(Server), interface="127.0.0.1")
    clients = Clients()
    for _ in range(3):
        reactor.connectTCP("127.0.0.1", port.getHost().port, clients)
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor)
