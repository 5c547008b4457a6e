"""A port that is told to stop in the turn in which the reactor stops: its Deferred never fires, and its factory is never told.

Cut down from a generated program. Twisted leaves the socket open; a stopped reactor in Swift closes it without a word.
"""

from twisted.internet import protocol


def main(reactor):
    def end():
        port.stopListening()
        reactor.stop()

    port = reactor.listenTCP(0, protocol.Factory.forProtocol(protocol.Protocol), interface="127.0.0.1")
    reactor.callLater(0.01, end)
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor)
