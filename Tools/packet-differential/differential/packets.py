"""Well-formed packets of every protocol that Skein reads, drawn from a seed."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

from .wire import pseudo_header, with_checksum

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, NO_NEXT, DESTINATION = 0, 43, 44, 51, 59, 60


@dataclass
class Packet:
    """A frame in its parts, so that a fault can be put into one of them before they are joined."""

    link: bytes
    """The Ethernet header with its tags, and the type."""
    network: bytes
    """The IP header with options or extension headers, or the whole ARP packet."""
    transport: bytes
    """What the IP header carries."""
    kind: str
    """What it is, such as `ipv4 tcp`."""
    fault: str = ""
    """What is wrong with it."""
    padding: bytes = b""
    """What stands behind the packet in its frame."""

    @property
    def frame(self) -> bytes:
        """The bytes, at least the 60 of the smallest Ethernet frame unless a fault says otherwise."""
        return self.link + self.network + self.transport + self.padding


class Generator:
    """Draws packets."""

    def __init__(self, seed: int) -> None:
        """Begin with a seed: the same seed, the same packets."""
        self.random = random.Random(seed)

    def packet(self) -> Packet:
        """One well-formed packet, whatever kind comes."""
        make = self.random.choices(
            [self.arp, self.ipv4, self.ipv6, self.length_frame, self.other_type], [6, 45, 45, 2, 2])[0]
        packet = make()
        missing = 60 - len(packet.frame)
        if missing > 0:
            packet.padding = bytes(missing)
        return packet

    # Numbers and bytes

    def bits(self, count: int) -> int:
        """A number of some bits; the ends of the range more often than chance would have them."""
        draw = self.random.random()
        if draw < 0.04:
            return 0
        return (1 << count) - 1 if draw < 0.08 else self.random.getrandbits(count)

    def bytes(self, count: int) -> bytes:
        """Bytes of any value."""
        return self.random.randbytes(count)

    def payload(self, beneath: int) -> bytes:
        """A payload that, with the headers beneath it, makes a frame of at most 1500 bytes; short ones more often."""
        most = max(0, 1500 - beneath)
        share = self.random.random() ** 3
        return self.bytes(int(most * share))

    def ip4(self) -> bytes:
        """A unicast address that tshark prints as it is."""
        return bytes([10, *self.bytes(3)])

    def ip6(self) -> bytes:
        """An address in 2001:db8::/32, with runs of zeros in some."""
        tail = self.bytes(12) if self.random.random() < 0.7 else bytes(8) + self.bytes(4)
        return b"\x20\x01\x0d\xb8" + tail

    # Ethernet

    def link(self, kind: int) -> tuple[bytes, str]:
        """An Ethernet header, plain or with one tag or two."""
        addresses = self.bytes(6) + self.bytes(6)
        draw = self.random.random()
        tags, name = b"", ""
        if draw < 0.2:
            tags, name = struct.pack("!HH", 0x8100, self.bits(16)), "802.1Q "
        elif draw < 0.35:
            tags, name = struct.pack("!HHHH", 0x88A8, self.bits(16), 0x8100, self.bits(16)), "QinQ "
        return addresses + tags + struct.pack("!H", kind), name

    def length_frame(self) -> Packet:
        """A frame of IEEE 802.3, whose type is a length."""
        data = b"\x42\x42\x03" + self.bytes(self.random.randint(40, 200))
        link, name = self.link(len(data))
        return Packet(link, data, b"", f"{name}802.3")

    def other_type(self) -> Packet:
        """A frame whose type nobody reads."""
        link, name = self.link(self.random.choice([0x88B5, 0x88B6]))
        return Packet(link, self.bytes(self.random.randint(46, 300)), b"", f"{name}other type")

    def arp(self) -> Packet:
        """An ARP packet of IPv4 over Ethernet, or of other sizes."""
        link, name = self.link(0x0806)
        operation = self.random.choice([1, 1, 2, 2, 3, 8, self.bits(16)])
        if self.random.random() < 0.9:
            data = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
            data += self.bytes(6) + self.ip4() + self.bytes(6) + self.ip4()
        else:
            hardware, network = self.random.randint(1, 12), self.random.randint(1, 16)
            data = struct.pack("!HHBBH", 32, 0x88B5, hardware, network, operation) + self.bytes(2 * (hardware + network))
        return Packet(link, data, b"", f"{name}arp")

    # IPv4

    def ipv4_options(self) -> bytes:
        """Options, padded to words; none in most packets."""
        if self.random.random() < 0.7:
            return b""
        options = b""
        for _ in range(self.random.randint(1, 4)):
            hosts = self.random.randint(1, 3)
            option = self.random.choice([
                b"\x01",
                bytes([7, 3 + 4 * hosts, 4]) + self.bytes(4 * hosts),
                bytes([68, 4 + 4 * hosts, 5, 0]) + self.bytes(4 * hosts),
                bytes([148, 4]) + self.bytes(2),
                bytes([30, 4]) + self.bytes(2),
            ])
            if len(options) + len(option) <= 40:
                options += option
        return options + bytes(-len(options) % 4)

    def ipv4(self) -> Packet:
        """An IPv4 packet: UDP, TCP, ICMP, another protocol, or a fragment."""
        link, name = self.link(0x0800)
        options = self.ipv4_options()
        source, destination = self.ip4(), self.ip4()
        beneath = len(link) + 20 + len(options)
        kind, protocol, transport = self.random.choices(
            [self.udp, self.tcp, self.icmpv4, self.fragment, self.unknown], [30, 30, 20, 12, 3])[0](
                beneath, source, destination)
        word = self.random.choice([0, 0x4000, 0x8000 if self.random.random() < 0.05 else 0])
        if kind == "fragment":
            last = self.random.random() < 0.4
            place = self.random.choice([0, self.random.randint(1, 7000)])
            word = place if last and place else place | 0x2000
            if word & 0x2000:
                transport = transport[: len(transport) // 8 * 8]
        header = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, self.bits(8), 20 + len(options) + len(transport),
                             self.bits(16), word, self.bits(8), protocol, 0, source, destination)
        header = with_checksum(header + options, 10)
        return Packet(link, header, transport, f"{name}ipv4 {kind}{' with options' if options else ''}")

    def fragment(self, beneath: int, source: bytes, destination: bytes) -> tuple[str, int, bytes]:
        """The middle of something, at least 8 bytes."""
        return "fragment", UDP, self.bytes(8) + self.payload(beneath + 16)

    def unknown(self, beneath: int, source: bytes, destination: bytes) -> tuple[str, int, bytes]:
        """A protocol that is for experiments."""
        return "other protocol", self.random.choice([253, 254]), self.payload(beneath)

    # IPv6

    def ipv6_options(self) -> bytes:
        """Options for a hop-by-hop or destination options header, without its first two bytes."""
        options = b""
        for _ in range(self.random.randint(0, 3)):
            data = self.bytes(self.random.randint(0, 12))
            options += self.random.choice([
                b"\x00", bytes([1, len(data)]) + bytes(len(data)), b"\x05\x02\x00" + self.bytes(1),
                bytes([0x1E, len(data)]) + data])
        missing = -(len(options) + 2) % 8
        return options + (b"" if missing == 0 else b"\0" if missing == 1 else bytes([1, missing - 2]) + bytes(missing - 2))

    def extensions(self) -> list[tuple[int, bytes]]:
        """Extension headers with their numbers, the byte for the next header being 0."""
        if self.random.random() < 0.6:
            return []
        headers = []
        if self.random.random() < 0.4:
            headers.append((HOP_BY_HOP, self.options_header()))
        if self.random.random() < 0.3:
            headers.append((DESTINATION, self.options_header()))
        if self.random.random() < 0.3:
            count = self.random.randint(0, 4)
            # Nothing left to visit: the destination in the header is the final one.
            headers.append((ROUTING, bytes([0, 2 * count, 253, 0]) + self.bytes(4 + 16 * count)))
        if self.random.random() < 0.2:
            words = self.random.choice([3, 4, 6])
            headers.append((AUTHENTICATION, bytes([0, 1 + words, 0, 0]) + self.bytes(8 + 4 * words)))
        return headers

    def options_header(self) -> bytes:
        """A whole header of options."""
        options = self.ipv6_options()
        return bytes([0, (len(options) + 2) // 8 - 1]) + options

    def ipv6(self) -> Packet:
        """An IPv6 packet: UDP, TCP, ICMPv6, nothing, another protocol, or a fragment."""
        link, name = self.link(0x86DD)
        source, destination = self.ip6(), self.ip6()
        headers = self.extensions()
        beneath = len(link) + 40 + sum(len(header) for _, header in headers)
        if beneath > 1300:
            headers, beneath = [], len(link) + 40
        make = self.random.choices(
            [self.udp, self.tcp, self.icmpv6, self.fragment, self.nothing, self.unknown], [28, 28, 26, 10, 3, 3])[0]
        kind, protocol, transport = make(beneath, source, destination)
        if kind == "fragment":
            place = self.random.choice([0, 8 * self.random.randint(1, 8000)])
            more = 1 if place == 0 else self.random.randint(0, 1)
            if more:
                transport = transport[: len(transport) // 8 * 8]
            headers.append((FRAGMENT, struct.pack("!BBHI", 0, 0, place | more, self.bits(32))))
        numbers = [number for number, _ in headers] + [protocol]
        extensions = b"".join(bytes([numbers[index + 1]]) + header[1:] for index, (_, header) in enumerate(headers))
        word = 6 << 28 | self.bits(8) << 20 | self.bits(20)
        fixed = struct.pack("!IHBB16s16s", word, len(extensions) + len(transport), numbers[0], self.bits(8), source,
                            destination)
        extended = " with extensions" if extensions else ""
        return Packet(link, fixed + extensions, transport, f"{name}ipv6 {kind}{extended}")

    def nothing(self, beneath: int, source: bytes, destination: bytes) -> tuple[str, int, bytes]:
        """No next header."""
        return "no next header", NO_NEXT, b""

    # Above IP

    def udp(self, beneath: int, source: bytes, destination: bytes) -> tuple[str, int, bytes]:
        """A UDP datagram; over IPv4 some have no checksum."""
        payload = self.payload(beneath + 8)
        length = 8 + len(payload)
        data = struct.pack("!HHHH", self.bits(16), self.bits(16), length, 0) + payload
        if len(source) == 16 or self.random.random() < 0.9:
            data = with_checksum(data, 6, pseudo_header(source, destination, UDP, length), zero=0xFFFF)
        return "udp", UDP, data

    def tcp_options(self) -> bytes:
        """Options of TCP, padded to words."""
        options = b""
        for _ in range(self.random.choice([0, 0, 1, 2, 3, 4])):
            blocks = self.random.randint(1, 3)
            option = self.random.choice([
                b"\x01", b"\x02\x04" + self.bytes(2), b"\x03\x03" + bytes([self.random.randint(0, 14)]), b"\x04\x02",
                bytes([5, 2 + 8 * blocks]) + self.bytes(8 * blocks), b"\x08\x0a" + self.bytes(8),
                b"\xb7\x06" + self.bytes(4),
            ])
            if len(options) + len(option) <= 40:
                options += option
        return options + bytes(-len(options) % 4)

    def tcp(self, beneath: int, source: bytes, destination: bytes) -> tuple[str, int, bytes]:
        """A TCP segment with any flags."""
        options = self.tcp_options()
        payload = self.payload(beneath + 20 + len(options))
        word = (5 + len(options) // 4) << 12 | self.random.choice([0x002, 0x012, 0x010, 0x018, 0x011, self.bits(12)])
        data = struct.pack("!HHIIHHHH", self.bits(16), self.bits(16), self.bits(32), self.bits(32), word, self.bits(16), 0,
                           self.bits(16)) + options + payload
        return "tcp", TCP, with_checksum(data, 16, pseudo_header(source, destination, TCP, len(data)))

    def quoted(self) -> bytes:
        """The start of an IPv4 packet, as an ICMP error quotes it."""
        source, destination = self.ip4(), self.ip4()
        _, protocol, transport = self.udp(1400, source, destination)
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(transport), self.bits(16), 0, 1, protocol, 0, source,
                             destination)
        return (with_checksum(header, 10) + transport)[:28 + self.random.randint(0, 40)]

    def quoted6(self) -> bytes:
        """The start of an IPv6 packet, as an ICMPv6 error quotes it."""
        source, destination = self.ip6(), self.ip6()
        _, protocol, transport = self.udp(1400, source, destination)
        fixed = struct.pack("!IHBB16s16s", 6 << 28, len(transport), protocol, 1, source, destination)
        return (fixed + transport)[: 48 + self.random.randint(0, 40)]

    def icmpv4(self, beneath: int, source: bytes, destination: bytes) -> tuple[str, int, bytes]:
        """An ICMP message."""
        two = struct.pack("!HH", self.bits(16), self.bits(16))
        kind, code, rest = self.random.choice([
            (8, 0, two + self.payload(beneath + 8)), (0, 0, two + self.payload(beneath + 8)),
            (3, self.random.randint(0, 15), struct.pack("!HH", 0, self.bits(16)) + self.quoted()),
            (5, self.random.randint(0, 3), self.ip4() + self.quoted()),
            (11, self.random.randint(0, 1), bytes(4) + self.quoted()),
            (12, 0, bytes([self.bits(8), 0, 0, 0]) + self.quoted()),
            (13, 0, two + self.bytes(12)), (14, 0, two + self.bytes(12)),
        ])
        return "icmp", ICMP, with_checksum(bytes([kind, code, 0, 0]) + rest, 2)

    def neighbor_options(self) -> bytes:
        """Options of neighbour discovery."""
        options = b""
        for _ in range(self.random.randint(0, 3)):
            options += self.random.choice([
                b"\x01\x01" + self.bytes(6), b"\x02\x01" + self.bytes(6),
                b"\x03\x04" + bytes([self.random.randint(0, 128), self.bits(2) << 6]) + self.bytes(8) + bytes(4) + self.ip6(),
                b"\x05\x01\0\0" + self.bytes(4), b"\x0e\x02" + self.bytes(14),
            ])
        return options

    def icmpv6(self, beneath: int, source: bytes, destination: bytes) -> tuple[str, int, bytes]:
        """An ICMPv6 message: errors, echo, neighbour discovery, multicast listeners."""
        two = struct.pack("!HH", self.bits(16), self.bits(16))
        make = self.random.randrange(13)
        sources = self.random.randint(0, 3)
        kind, code, rest = [
            lambda: (128, 0, two + self.payload(beneath + 8)),
            lambda: (129, 0, two + self.payload(beneath + 8)),
            lambda: (1, self.random.randint(0, 6), bytes(4) + self.quoted6()),
            lambda: (2, 0, self.bytes(4) + self.quoted6()),
            lambda: (3, self.random.randint(0, 1), bytes(4) + self.quoted6()),
            lambda: (4, self.random.randint(0, 2), self.bytes(4) + self.quoted6()),
            lambda: (133, 0, bytes(4) + self.neighbor_options()),
            lambda: (134, 0, bytes([self.bits(8), self.bits(2) << 6]) + self.bytes(10) + self.neighbor_options()),
            lambda: (135, 0, bytes(4) + self.ip6() + self.neighbor_options()),
            lambda: (136, 0, bytes([self.bits(3) << 5, 0, 0, 0]) + self.ip6() + self.neighbor_options()),
            lambda: (137, 0, bytes(4) + self.ip6() + self.ip6() + self.neighbor_options()),
            lambda: (130, 0, struct.pack("!HH", self.bits(15), 0) + b"\xff\x02" + self.bytes(14) + struct.pack(
                "!BBH", self.random.randint(0, 15), self.random.randint(0, 127), sources) + self.bytes(16 * sources)),
            lambda: (self.random.choice([131, 132]), 0, bytes(4) + b"\xff\x02" + self.bytes(14)),
        ][make]()
        data = bytes([kind, code, 0, 0]) + rest
        return "icmpv6", ICMPV6, with_checksum(data, 2, pseudo_header(source, destination, ICMPV6, len(data)))
