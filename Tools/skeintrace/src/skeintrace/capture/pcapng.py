"""Exports captures as one pcapng file in which each packet says its events.

The blocks are those of draft-ietf-opsawg-pcapng. python-pcapng writes them too, but refuses a packet without bytes, which
is what a device with nothing behind its packet information sends.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

from ..format.tree import Crossing
from .capture import Capture
from .pcap import SNAPSHOT, time_of

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_COMMENT, _FLAGS, _PACKET_ID = 1, 2, 5
_APPLICATION, _NAME, _RESOLUTION = 4, 2, 9
_IN, _OUT = 1, 2


def write_pcapng(file: BinaryIO, captures: Sequence[Capture], crossings: Sequence[Crossing]) -> None:
    """Writes all captures of a trace as one file, in the order of their events.

    Each object whose socket or device it is has an interface of its name. A packet's comments name its events, one each:
    `event 17 in 5 transport-1.write`. Its direction is the object's, its packet id its number in its own capture.
    """
    # The section's length is not said.
    _write(file, _SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), [(_APPLICATION, b"skeintrace")])
    interfaces: dict[tuple[str, str], int] = {}
    for capture in captures:
        for packet in capture.packets:
            if (capture.name, packet.object) not in interfaces:
                interfaces[capture.name, packet.object] = len(interfaces)
                options = [(_NAME, packet.object.encode()), (_RESOLUTION, b"\x09")]
                _write(file, _INTERFACE, struct.pack("<HHI", capture.link, 0, SNAPSHOT), options)
    numbered = [(number, packet, capture) for capture in captures for number, packet in enumerate(capture.packets, 1)]
    # Stable, so that packets of one time stay in their capture's order.
    for number, packet, capture in sorted(numbered, key=lambda entry: entry[1].at):
        time, interface = time_of(packet, capture), interfaces[capture.name, packet.object]
        kept = packet.data[:SNAPSHOT]
        body = struct.pack("<IIIII", interface, time >> 32, time & 0xFFFFFFFF, len(kept), len(packet.data)) + _padded(kept)
        options = [(_COMMENT, comment(crossings[n - 1]).encode()) for n in packet.events]
        options.append((_FLAGS, struct.pack("<I", _OUT if packet.outbound else _IN)))
        options.append((_PACKET_ID, struct.pack("<Q", number)))
        _write(file, _PACKET, body, options)


def comment(crossing: Crossing) -> str:
    """What a packet says of an event of its."""
    inside = f" in {crossing.parent.n}" if crossing.parent is not None else ""
    return f"event {crossing.n}{inside} {crossing.name}"


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _write(file: BinaryIO, kind: int, body: bytes, options: Sequence[tuple[int, bytes]]) -> None:
    for code, value in options:
        # An option's length has 16 bits; a name is far shorter in a trace that its limits let through.
        kept = value[:0xFFFF]
        body += struct.pack("<HH", code, len(kept)) + _padded(kept)
    # The options end with an empty one; the block's length stands at both of its ends.
    length = struct.pack("<I", len(body) + 16)
    file.write(struct.pack("<I", kind) + length + body + bytes(4) + length)
