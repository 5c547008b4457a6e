"""What scenarios share: connected sockets of their own, and objects that a reactor polls."""

from __future__ import annotations

import socket


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a connection over the loopback, neither of which the reactor made."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    first = socket.socket()
    first.connect(listener.getsockname())
    second, _ = listener.accept()
    listener.close()
    return first, second


class Descriptor:
    """The least that a reactor polls. What it does is for subclasses to say."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def fileno(self) -> int:
        return self.end.fileno()

    def logPrefix(self) -> str:
        return "descriptor"

    def connectionLost(self, reason: object) -> None:
        pass
