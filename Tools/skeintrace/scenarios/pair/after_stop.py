"""A port that was stopped still writes until the next turn, and then has no descriptor to write to."""

from contextlib import suppress

from twisted.internet.protocol import AbstractDatagramProtocol
from twisted.internet.task import Clock
from twisted.pair.raw import IRawPacketProtocol
from twisted.pair.testing import MemoryIOSystem, Tunnel
from twisted.pair.tuntap import TuntapPort
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


system = MemoryIOSystem()
system.registerSpecialDevice(Tunnel._DEVICE_NAME, Tunnel)
reactor = Reactor()
port = TuntapPort(b"tun0", Packets(), reactor=reactor, system=system)
port.startListening()
port.stopListening()
port.write(b"late")
reactor.advance(0)
port.fileno()
with suppress(OSError):
    port.write(b"too late")
port.disconnecting
port.disconnected
port.stopListening()
repr(port)
