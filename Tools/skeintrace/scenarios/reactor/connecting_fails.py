"""Ways in which connecting fails: refused, bound in vain, timed out at once, a port out of range. Rules L5, L17, L25, L26, L27, L31, L33."""

import socket

from twisted.internet import reactor
from twisted.internet.error import ConnectBindError, ConnectionRefusedError, TimeoutError
from twisted.internet.protocol import ClientFactory, Factory, Protocol

left = []


class Failing(ClientFactory):
    def __init__(self, error: type) -> None:
        self.error = error
        left.append(self)

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        if reason.check(self.error) is None:
            raise SystemExit(f"failed for {reason}")
        left.remove(self)
        attempt()


def attempt() -> None:
    """The next attempt is made when the last has failed."""
    if attempts:
        arguments, options, error = attempts.pop(0)
        reactor.connectTCP(*arguments, Failing(error), **options)
    else:
        reactor.stop()


free = socket.socket()
free.bind(("127.0.0.1", 0))
number = free.getsockname()[1]
free.close()
port = reactor.listenTCP(0, Factory.forProtocol(Protocol), interface="127.0.0.1")
attempts = [
    (("127.0.0.1", port.getHost().port), {"timeout": 0}, TimeoutError),
    (("127.0.0.1", number), {}, ConnectionRefusedError),
    (("127.0.0.1", number), {"timeout": None}, ConnectionRefusedError),
    (("127.0.0.1", number), {"bindAddress": ("192.0.2.1", 0)}, ConnectBindError),
    (("127.0.0.1", 70000), {}, OverflowError),
]
attempt()
reactor.run()
if left:
    raise SystemExit("some did not fail")
