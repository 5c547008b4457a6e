"""Reads synthetic packets back, as far as the tests need it."""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

from skeintrace.capture import Packet

FLAGS = {0x02: "S", 0x08: "P", 0x01: "F", 0x04: "R", 0x10: "A"}


class Segment(NamedTuple):
    source: tuple[str, int]
    destination: tuple[str, int]
    flags: str
    seq: int
    ack: int
    data: bytes


def segment(packet: Packet) -> Segment:
    data = packet.data
    version = data[0] >> 4
    start, first, size = (20, 12, 4) if version == 4 else (40, 8, 16)
    hosts = [str(ipaddress.ip_address(data[at : at + size])) for at in (first, first + size)]
    source, destination, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", data, start)
    names = "".join(name for bit, name in FLAGS.items() if flags & bit)
    return Segment((hosts[0], source), (hosts[1], destination), names, seq, ack, data[start + (offset >> 4) * 4 :])


def story(packets: list[Packet]) -> list[str]:
    """Who sends what: `> SA`, `< PA 5`, with `>` for the client."""
    segments = [segment(packet) for packet in packets]
    client = segments[0].source
    return [
        f"{'>' if s.source == client else '<'} {s.flags}" + (f" {len(s.data)}" if s.data else "") for s in segments
    ]
