"""Threads of the pool and the reactor's own thread are busy at the same time, and each hands calls to the loop.

Cut down from generated programs: what the pool's threads do must not be mixed with what the reactor's thread does meanwhile.
"""

from twisted.internet import protocol

WORKERS, ROUNDS = 4, 5


def main(reactor):
    left = WORKERS * ROUNDS

    def work():
        for _ in range(ROUNDS):
            reactor.callFromThread(lambda: done())

    def done():
        nonlocal left
        left -= 1
        reactor.callLater(0, lambda: None)
        if left == 0:
            reactor.callFromThread(lambda: reactor.stop())

    def begin():
        for _ in range(WORKERS):
            reactor.callInThread(work)
            for _ in range(ROUNDS):
                reactor.callLater(0, lambda: None)
                reactor.callFromThread(lambda: None)

    reactor.listenTCP(0, protocol.Factory.forProtocol(protocol.Protocol), interface="127.0.0.1")
    reactor.callWhenRunning(begin)
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor)
