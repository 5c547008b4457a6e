"""Bytes on the wire, by `struct` alone: nothing of Skein's takes part."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

ETHERNET = 1
"""The link type of an Ethernet capture."""


def checksum(*parts: bytes) -> int:
    """The internet's checksum of parts, each but the last of even length."""
    data = b"".join(parts)
    if len(data) % 2:
        data += b"\0"
    number = int.from_bytes(data, "big")
    # 2^16 is 1 modulo 2^16 - 1, so the remainder is the ones' complement sum, but for its two zeros.
    total = number % 0xFFFF
    return 0xFFFF - total if total else (0 if number else 0xFFFF)


def with_checksum(data: bytes, place: int, *before: bytes, zero: int = 0) -> bytes:
    """The bytes with their checksum at a place where zeros stand; `zero` is what is sent for 0."""
    value = checksum(*before, data) or zero
    return data[:place] + struct.pack("!H", value) + data[place + 2 :]


def pseudo_header(source: bytes, destination: bytes, protocol: int, length: int) -> bytes:
    """What UDP, TCP and ICMPv6 add to their checksums."""
    if len(source) == 4:
        return source + destination + struct.pack("!HH", protocol, length)
    return source + destination + struct.pack("!II", length, protocol)


def write_capture(path: Path, frames: Iterable[bytes]) -> None:
    """A classic pcap file of frames, a microsecond apart."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, ETHERNET))
        for number, frame in enumerate(frames):
            seconds, microseconds = divmod(number, 1_000_000)
            file.write(struct.pack("<IIII", 1_000_000_000 + seconds, microseconds, len(frame), len(frame)))
            file.write(frame)
