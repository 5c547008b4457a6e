"""Two timers that fire in one turn because the loop was busy, and the first of them stops the reactor.

Cut down from a generated program. A system that is not busy comes to its stop before the second timer is due.
"""

import time


def main(reactor):
    reactor.callLater(0.008, lambda: time.sleep(0.005))
    reactor.callLater(0.010, lambda: reactor.stop())
    reactor.callLater(0.011, lambda: None)
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor)
