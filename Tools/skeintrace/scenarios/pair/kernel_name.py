"""A port over a system of the program's own, which answers as a kernel does: with a name that has NULs behind it, and with
a name that was chosen for a pattern."""

import struct
from contextlib import suppress

from twisted.internet.protocol import AbstractDatagramProtocol
from twisted.internet.task import Clock
from twisted.pair.raw import IRawPacketProtocol
from twisted.pair.tuntap import TuntapPort, _IInputOutputSystem
from zope.interface import implementer


class Reactor(Clock):
    """Time, and readers and writers that nobody watches."""

    def addReader(self, reader: object) -> None:
        pass

    addWriter = removeReader = removeWriter = addReader


@implementer(IRawPacketProtocol)
class Packets(AbstractDatagramProtocol):
    def addProto(self, num: int, proto: object) -> None:
        pass

    def datagramReceived(self, data: bytes, partial: int) -> None:
        pass


@implementer(_IInputOutputSystem)
class Kernel:
    """Gives each device the number of its opening."""

    O_RDWR, O_NONBLOCK, O_CLOEXEC = 1, 2, 4

    def __init__(self) -> None:
        self.opened = 0
        self.waiting = [b"one", b"", b"two"]

    def open(self, filename: bytes, flag: int, mode: int = 0o777) -> int:
        self.opened += 1
        return self.opened + 10

    def ioctl(self, fd: int, opt: int, arg: bytes, mutate_flag: bool = False) -> bytes:
        name, mode = struct.unpack("16sH", arg)
        return struct.pack("16sH", name.rstrip(b"\0").replace(b"%d", b"%d" % (self.opened - 1)), mode)

    def read(self, fd: int, limit: int) -> bytes:
        if not self.waiting:
            raise BlockingIOError(11, "nothing")
        return self.waiting.pop(0)[:limit]

    def write(self, fd: int, data: bytes) -> int:
        if not data:
            raise OSError(22, "no packet")
        return len(data)

    def close(self, fd: int) -> None:
        pass


kernel = Kernel()
reactor = Reactor()
for name in (b"tun0", b"tun%d"):
    port = TuntapPort(name, Packets(), reactor=reactor, system=kernel)
    port.startListening()
    port.interface
    port.getHost()
    port.doRead()
    port.write(b"a packet")
    with suppress(OSError):
        port.write(b"")
    port.stopListening()
    reactor.advance(0)
