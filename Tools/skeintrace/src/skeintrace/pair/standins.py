"""What stands for the application's objects in a replay, and for a system whose answers are fed."""

from __future__ import annotations

import os
import select
import socket
from typing import Any, Callable

from twisted.internet import protocol
from twisted.internet.task import Clock
from twisted.pair import tuntap
from zope.interface import classImplements, implementer

from .parties import IMPLEMENTS

Inside = Callable[[], Any]
"""Does what the application did in the callback that is open, and gives or raises its outcome."""


def stand_in(path: str, implements: list[str], inside: Inside) -> Any:
    """A protocol of a class of this name: it is in logs and prefixes."""
    module, _, name = path.rpartition(".")

    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        return inside()

    members: dict[str, Any] = {name: called for name in ("makeConnection", "doStart", "doStop", "datagramReceived")}
    members.update(__module__=module, addProto=lambda self, num, proto: None)
    bases = (protocol.DatagramProtocol,) if "datagram" in implements else ()
    made = type(str(name), bases, members)
    for word, interface in IMPLEMENTS:
        if word in implements:
            classImplements(made, interface)
    return made()


def error_class(name: str) -> type[Exception]:
    """A class of errors of the application's."""
    return type(str(name), (Exception,), {"__module__": "application"})


class Reactor(Clock):
    """The application's reactor: time that is never advanced, since what it was handed is called as the trace says."""

    def __init__(self, inside: Inside) -> None:
        super().__init__()
        self._inside = inside

    def addReader(self, reader: object) -> None:
        """Does what the application did."""
        self._inside()

    addWriter = removeReader = removeWriter = addReader


class Numbered:
    """Stands for a port that is asked for its descriptor alone."""

    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        """The descriptor."""
        return self._number


TUNNELS = b"/dev/net/tun"
_FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC


@implementer(tuntap._IInputOutputSystem)
class RealSystem(tuntap._RealSystem):
    """The machine's devices, with datagrams sent and received by its own network, as Twisted's tests do.

    A trace can come from a stranger, so no file is opened but the one that tunnels come from, and nothing is done to a
    descriptor that is something else.
    """

    deadline = 5.0
    """How many seconds a datagram may take to come."""

    def __init__(self, sent_from: Callable[[int], None], opened: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._sent_from = sent_from
        self._opened = opened

    def open(self, filename: Any, *args: Any, **kwargs: Any) -> int:  # type: ignore[override]
        """Opens the file of the tunnels; another gives the error that it is not there."""
        if filename != TUNNELS and os.path.lexists(filename):
            raise Refused(f"a replay opens {TUNNELS!r} alone, not {filename!r}")
        if args and args[0] & ~_FLAGS:
            raise Refused(f"a replay does not open with the flags {args[0]:#x}")
        number: int = super().open(filename, *args, **kwargs)
        return number

    def ioctl(self, fd: int, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Configures a tunnel."""
        return super().ioctl(_own(fd), *args, **kwargs)

    def read(self, fd: int, *args: Any, **kwargs: Any) -> Any:
        """Takes a frame from a tunnel, which has so many seconds to come where nobody said not to wait."""
        if os.get_blocking(_own(fd)) and not select.select([fd], [], [], self.deadline)[0]:
            raise Refused(f"nothing came in {self.deadline} s")
        return super().read(fd, *args, **kwargs)

    def write(self, fd: int, *args: Any, **kwargs: Any) -> Any:
        """Puts a frame into a tunnel."""
        return super().write(_own(fd), *args, **kwargs)

    def close(self, fd: int, *args: Any, **kwargs: Any) -> Any:
        """Closes a tunnel."""
        return super().close(_own(fd), *args, **kwargs)

    def sendUDP(self, datagram: bytes, address: tuple[Any, int]) -> tuple[str, int]:
        """Sends a datagram from a port that the kernel chooses, and gives its address."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind(("172.16.0.1", 0))
            sender.sendto(datagram, address)
            host, port = sender.getsockname()
        self._sent_from(port)
        return host, port

    def receiveUDP(self, fileno: int, host: Any, port: int) -> socket.socket:
        """A socket that datagrams to this address come to."""
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._opened(receiver)
        receiver.settimeout(self.deadline)
        receiver.bind((host, port))
        return receiver


class Refused(Exception):
    """What a trace asks of the machine, and a replay does not do."""


def _own(fd: int) -> int:
    """A descriptor that is a tunnel, or none at all."""
    try:
        if os.readlink(f"/proc/self/fd/{fd}").encode() != TUNNELS:
            raise Refused(f"descriptor {fd} is no tunnel")
    except OSError:
        pass  # not open: the machine says so itself
    return fd
