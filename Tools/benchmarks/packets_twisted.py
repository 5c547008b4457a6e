"""Decodes the packets of a capture with twisted.pair's Ethernet, IP and RawUDP layers, as often as each line of the standard
input says; answers each with the nanoseconds it took and how many datagrams arrived."""

import struct
import sys
import time

from twisted.internet.protocol import DatagramProtocol
from twisted.pair import ethernet, ip, rawudp


class Receiver(DatagramProtocol):
    """Counts datagrams."""

    arrived = 0

    def datagramReceived(self, datagram: bytes, address: tuple[str, int]) -> None:
        """One more."""
        self.arrived += 1


def frames(path: str) -> list[bytes]:
    """The frames of a classic capture in this machine's byte order."""
    data = open(path, "rb").read()
    found, place = [], 24
    while place < len(data):
        count = struct.unpack_from("=I", data, place + 8)[0]
        found.append(data[place + 16 : place + 16 + count])
        place += 16 + count
    return found


def main() -> None:
    """Answer each line."""
    packets = frames(sys.argv[2])
    receiver = Receiver()
    datagrams = rawudp.RawUDPProtocol()
    datagrams.addProto(7, receiver)
    network = ip.IPProtocol()
    network.addProto(17, datagrams)
    link = ethernet.EthernetProtocol()
    link.addProto(0x0800, network)
    for line in sys.stdin:
        receiver.arrived = 0
        began = time.monotonic_ns()
        for _ in range(int(line)):
            for packet in packets:
                link.datagramReceived(packet)
        print(time.monotonic_ns() - began, receiver.arrived, flush=True)


main()
