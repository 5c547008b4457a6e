"""Faults that are put into packets, each with a name; a run draws them in turn, so that none is left out."""

from __future__ import annotations

import struct
from collections.abc import Callable

from .packets import DESTINATION, HOP_BY_HOP, ICMPV6, TCP, UDP, Generator, Packet
from .wire import pseudo_header, with_checksum

Fault = Callable[[Generator, Packet], bool]
"""Changes a packet; false if the packet is of another kind, and nothing was done."""


def _set(data: bytes, place: int, *values: int) -> bytes:
    return data[:place] + bytes(values) + data[place + len(values) :]


def _is(packet: Packet, *words: str) -> bool:
    return all(word in packet.kind for word in words)


def _plain4(packet: Packet) -> bool:
    return _is(packet, "ipv4") and not _is(packet, "options")


def _refresh4(packet: Packet) -> bool:
    packet.network = with_checksum(_set(packet.network, 10, 0, 0), 10)
    return True


def frame_cut(draw: Generator, packet: Packet) -> bool:
    """The frame ends anywhere."""
    frame = packet.link + packet.network + packet.transport
    packet.link, packet.network, packet.transport, packet.padding = frame[: draw.random.randint(1, len(frame) - 1)], b"", b"", b""
    return True


def header_cut(draw: Generator, packet: Packet) -> bool:
    """The frame ends in the headers."""
    frame = packet.link + packet.network + packet.transport
    packet.link = frame[: draw.random.randint(14, min(len(frame) - 1, 70))]
    packet.network = packet.transport = packet.padding = b""
    return True


def ipv4_version(draw: Generator, packet: Packet) -> bool:
    """The version is another."""
    if not _is(packet, "ipv4"):
        return False
    version = draw.random.choice([0, 1, 2, 3, 5, 7, 8, 15])
    packet.network = _set(packet.network, 0, version << 4 | packet.network[0] & 15)
    return _refresh4(packet)


def ipv4_header_short(draw: Generator, packet: Packet) -> bool:
    """The header length is less than 5 words."""
    if not _plain4(packet):
        return False
    packet.network = _set(packet.network, 0, 0x40 | draw.random.randint(0, 4))
    return _refresh4(packet)


def ipv4_header_long(draw: Generator, packet: Packet) -> bool:
    """The header length is more than the total length."""
    if not _plain4(packet):
        return False
    packet.network = _set(packet.network, 0, 0x4F, packet.network[1], 0, draw.random.randint(20, 59))
    return _refresh4(packet)


def ipv4_length_short(draw: Generator, packet: Packet) -> bool:
    """The total length is less than the header."""
    if not _plain4(packet):
        return False
    packet.network = _set(packet.network, 2, 0, draw.random.randint(1, 19))
    return _refresh4(packet)


def ipv4_length_long(draw: Generator, packet: Packet) -> bool:
    """The total length is more than what is there."""
    if not _is(packet, "ipv4"):
        return False
    length = min(0xFFFF, len(packet.frame) - len(packet.link) + draw.random.randint(1, 3000))
    packet.network = _set(packet.network, 2, length >> 8, length & 255)
    return _refresh4(packet)


def ipv4_checksum(draw: Generator, packet: Packet) -> bool:
    """The checksum of the header is wrong."""
    if not _is(packet, "ipv4"):
        return False
    packet.network = _set(packet.network, 10, packet.network[10] ^ draw.random.randint(1, 254), packet.network[11])
    return True


def ipv4_option_length(draw: Generator, packet: Packet) -> bool:
    """An option has a length of 0 or 1, or more than is there."""
    if not _is(packet, "ipv4", "options"):
        return False
    packet.network = _set(packet.network, 20, draw.random.choice([7, 30, 68]), draw.random.choice([0, 1, 41, 255]))
    return _refresh4(packet)


def ipv6_version(draw: Generator, packet: Packet) -> bool:
    """The version is another."""
    if not _is(packet, "ipv6"):
        return False
    packet.network = _set(packet.network, 0, draw.random.choice([0, 3, 4, 5, 7, 15]) << 4 | packet.network[0] & 15)
    return True


def ipv6_length_long(draw: Generator, packet: Packet) -> bool:
    """The payload length is more than what is there."""
    if not _is(packet, "ipv6"):
        return False
    length = min(0xFFFF, len(packet.frame) - len(packet.link) - 40 + draw.random.randint(1, 3000))
    packet.network = _set(packet.network, 4, length >> 8, length & 255)
    return True


def ipv6_extension_long(draw: Generator, packet: Packet) -> bool:
    """An extension header is longer than the packet."""
    if not _is(packet, "ipv6", "extensions") or packet.network[6] not in (HOP_BY_HOP, DESTINATION):
        return False
    if len(packet.network) + len(packet.transport) > 1500:
        return False
    packet.network = _set(packet.network, 41, 255)
    return True


def ipv6_option_long(draw: Generator, packet: Packet) -> bool:
    """An option is longer than its header."""
    if not _is(packet, "ipv6", "extensions") or packet.network[6] not in (HOP_BY_HOP, DESTINATION):
        return False
    packet.network = _set(packet.network, 42, 0x1E, draw.random.randint(200, 255))
    return packet.network[41] < 20


def udp_length_short(draw: Generator, packet: Packet) -> bool:
    """The length of a datagram is less than its header."""
    if not _is(packet, "udp"):
        return False
    packet.transport = _set(packet.transport, 4, 0, draw.random.randint(1, 7))
    return True


def udp_length_long(draw: Generator, packet: Packet) -> bool:
    """The length of a datagram is more than the packet has."""
    if not _is(packet, "udp"):
        return False
    length = len(packet.transport) + draw.random.randint(1, 3000)
    packet.transport = _set(packet.transport, 4, length >> 8, length & 255)
    return True


def transport_checksum(draw: Generator, packet: Packet) -> bool:
    """The checksum above IP is wrong."""
    places = {"udp": 6, "tcp": 16, "icmp": 2}
    place = next((place for word, place in places.items() if _is(packet, word)), None)
    if place is None:
        return False
    high, low = packet.transport[place], packet.transport[place + 1]
    if _is(packet, "udp") and high == low == 0:
        return False
    packet.transport = _set(packet.transport, place, high ^ 0x5A, low ^ draw.random.randint(1, 0x7F))
    return packet.transport[place : place + 2] != b"\0\0"


def udp_no_checksum(draw: Generator, packet: Packet) -> bool:
    """A datagram over IPv6 has no checksum."""
    if not _is(packet, "ipv6", "udp"):
        return False
    packet.transport = _set(packet.transport, 6, 0, 0)
    return True


def _refresh_tcp(packet: Packet) -> bool:
    data = _set(packet.transport, 16, 0, 0)
    addresses = packet.network[12:20] if _is(packet, "ipv4") else packet.network[8:40]
    half = len(addresses) // 2
    packet.transport = with_checksum(data, 16, pseudo_header(addresses[:half], addresses[half:], TCP, len(data)))
    return True


def tcp_header_short(draw: Generator, packet: Packet) -> bool:
    """The data offset is less than 5 words."""
    if not _is(packet, "tcp"):
        return False
    packet.transport = _set(packet.transport, 12, draw.random.randint(0, 4) << 4 | packet.transport[12] & 15)
    return _refresh_tcp(packet)


def tcp_header_long(draw: Generator, packet: Packet) -> bool:
    """The data offset is more than the segment has."""
    if not _is(packet, "tcp") or len(packet.transport) >= 60:
        return False
    packet.transport = _set(packet.transport, 12, 0xF0 | packet.transport[12] & 15)
    return _refresh_tcp(packet)


def tcp_option_length(draw: Generator, packet: Packet) -> bool:
    """An option has a length of 0 or 1, or more than is there."""
    if not _is(packet, "tcp") or packet.transport[12] >> 4 < 6:
        return False
    packet.transport = _set(packet.transport, 20, draw.random.choice([2, 5, 8, 0xB7]), draw.random.choice([0, 1, 41, 255]))
    return _refresh_tcp(packet)


def transport_cut(draw: Generator, packet: Packet) -> bool:
    """The IP packet ends in the header above it."""
    if not (_is(packet, "udp") or _is(packet, "tcp") or _is(packet, "icmp")):
        return False
    least = 8 if not _is(packet, "tcp") else 20
    packet.transport = packet.transport[: draw.random.randint(0, least - 1)]
    if _is(packet, "ipv4"):
        length = len(packet.network) + len(packet.transport)
        packet.network = _set(packet.network, 2, length >> 8, length & 255)
        _refresh4(packet)
    else:
        length = len(packet.network) - 40 + len(packet.transport)
        packet.network = _set(packet.network, 4, length >> 8, length & 255)
    packet.padding = bytes(max(0, 60 - len(packet.link + packet.network + packet.transport)))
    return True


def neighbor_option_length(draw: Generator, packet: Packet) -> bool:
    """An option of neighbour discovery has a length of 0, or more than is there."""
    if not _is(packet, "icmpv6") or not packet.transport:
        return False
    place = {133: 8, 134: 16, 135: 24, 136: 24, 137: 40}.get(packet.transport[0])
    if place is None or len(packet.transport) < place + 8:
        return False
    data = _set(packet.transport, 2, 0, 0)
    data = _set(data, place + 1, draw.random.choice([0, 200]))
    source, destination = packet.network[8:24], packet.network[24:40]
    packet.transport = with_checksum(data, 2, pseudo_header(source, destination, ICMPV6, len(data)))
    return True


def arp_cut(draw: Generator, packet: Packet) -> bool:
    """The addresses are longer than the frame."""
    if not _is(packet, "arp"):
        return False
    packet.network = _set(packet.network, 0, 0, 32, 0x88, 0xB5, 200, 16)
    return True


def tags_cut(draw: Generator, packet: Packet) -> bool:
    """The frame ends in a tag."""
    packet.link = packet.link[:12] + struct.pack("!H", 0x8100) + draw.bytes(draw.random.randint(0, 3))
    packet.network = packet.transport = packet.padding = b""
    return True


def no_type(draw: Generator, packet: Packet) -> bool:
    """The type is neither a type nor a length."""
    packet.link = packet.link[:12] + struct.pack("!H", draw.random.randint(1501, 1535))
    return True


def length_frame_long(draw: Generator, packet: Packet) -> bool:
    """The length of a frame of IEEE 802.3 is more than is there."""
    if not _is(packet, "802.3"):
        return False
    packet.link = packet.link[:-2] + struct.pack("!H", draw.random.randint(600, 1500))
    return True


FAULTS: list[Fault] = [
    frame_cut, header_cut, tags_cut, no_type, length_frame_long, arp_cut, ipv4_version, ipv4_header_short, ipv4_header_long,
    ipv4_length_short, ipv4_length_long, ipv4_checksum, ipv4_option_length, ipv6_version, ipv6_length_long,
    ipv6_extension_long, ipv6_option_long, udp_length_short, udp_length_long, udp_no_checksum, transport_checksum,
    tcp_header_short, tcp_header_long, tcp_option_length, transport_cut, neighbor_option_length,
]


def packets(seed: int, count: int, share: float) -> list[Packet]:
    """Packets, a share of which has a fault; the faults come in turn."""
    draw = Generator(seed)
    found = []
    turn = 0
    for _ in range(count):
        if draw.random.random() >= share:
            found.append(draw.packet())
            continue
        fault = FAULTS[turn % len(FAULTS)]
        turn += 1
        packet = draw.packet()
        while not fault(draw, packet):
            packet = draw.packet()
        packet.fault = fault.__name__
        found.append(packet)
    return found
