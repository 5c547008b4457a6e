"""Padding behind a packet reaches the application, and so does a fragment that is not the first; a short packet is an error."""

import struct
from contextlib import suppress

from twisted.internet.protocol import DatagramProtocol
from twisted.pair.ip import IPProtocol
from twisted.pair.rawudp import RawUDPProtocol


class Receiver(DatagramProtocol):
    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        pass


udp = RawUDPProtocol()
udp.addProto(12345, Receiver())
ip = IPProtocol()
ip.addProto(17, udp)
whole = bytes.fromhex("4500001e0001000040111eabac100202ac100201c3503039000a00006869")
fragment = bytes.fromhex("4500001e0001400540111eabac100202ac100201c3503039000a00006869")
for packet in (whole + bytes(16), fragment, b"x" * 19, whole[:27]):
    with suppress(struct.error):
        ip.datagramReceived(packet, 0, None, None, None)
