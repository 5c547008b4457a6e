"""IP packets with a TCP segment, checksums filled in."""

from __future__ import annotations

import struct

from .addresses import Place

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

MAXIMUM_SEGMENT = {4: 65495, 16: 65515}
"""The most bytes that a packet has room for behind 20 bytes of TCP, by the length of its addresses."""
WINDOW = 65535
_TCP, _TTL = 6, 64


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    # Sixteen bits at a time, summed modulo 65535; a sum of zeros alone is the only one that is 0 before the end.
    total = int.from_bytes(data, "big")
    folded = total % 65535 or (65535 if total else 0)
    return folded ^ 65535


def tcp_packet(source: Place, destination: Place, seq: int, ack: int, flags: int, payload: bytes = b"") -> bytes:
    """An IP packet with one segment. A SYN bears the maximum segment size."""
    assert source.host is not None and destination.host is not None
    options = struct.pack("!BBH", 2, 4, MAXIMUM_SEGMENT[len(source.host)]) if flags & SYN else b""
    length = 20 + len(options) + len(payload)
    segment = bytearray(
        struct.pack("!HHIIBBHHH", source.port, destination.port, seq % 2**32, ack % 2**32, (20 + len(options)) << 2,
                    flags, WINDOW, 0, 0) + options + payload
    )  # fmt: skip
    pseudo = source.host + destination.host + struct.pack("!II", length, _TCP)
    struct.pack_into("!H", segment, 16, checksum(pseudo + segment))
    if len(source.host) == 16:
        return struct.pack("!IHBB", 6 << 28, length, _TCP, _TTL) + source.host + destination.host + segment
    # Identification 0 and "don't fragment": nothing may cut it, so nothing needs to tell its pieces apart.
    header = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, _TTL, _TCP, 0))
    header += source.host + destination.host
    struct.pack_into("!H", header, 10, checksum(bytes(header)))
    return bytes(header + segment)
