"""Exports captures as one pcapng file in which each packet says its events. Needs the package python-pcapng."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

from pcapng import FileWriter
from pcapng.blocks import EnhancedPacket, InterfaceDescription, SectionHeader

from ..format.tree import Crossing
from .capture import Capture
from .pcap import SNAPSHOT, time_of

_NANOSECONDS = b"\x09"


def write_pcapng(file: BinaryIO, captures: Sequence[Capture], crossings: Sequence[Crossing]) -> None:
    """Writes all captures of a trace as one file, in the order of their events.

    Each object whose socket or device it is has an interface of its name. A packet's comments name its events, one each:
    `event 17 in 5 transport-1.write`. Its direction is the object's, its packet id its number in its own capture.
    """
    section = SectionHeader(endianness="<", options={"shb_userappl": "skeintrace"})
    interfaces: dict[tuple[str, str], Any] = {}
    for capture in captures:
        for packet in capture.packets:
            key = (capture.name, packet.object)
            if key not in interfaces:
                options = {"if_name": packet.object, "if_tsresol": _NANOSECONDS}
                interfaces[key] = section.new_member(
                    InterfaceDescription, link_type=capture.link, snaplen=SNAPSHOT, options=options
                )
    writer = FileWriter(file, section)
    numbered = [(number, packet, capture) for capture in captures for number, packet in enumerate(capture.packets, 1)]
    # Stable, so that packets of one time stay in their capture's order.
    for number, packet, capture in sorted(numbered, key=lambda entry: entry[1].at):
        time = time_of(packet, capture)
        block = section.new_member(
            EnhancedPacket,
            interface_id=interfaces[capture.name, packet.object].interface_id,
            timestamp_high=time >> 32,
            timestamp_low=time & 0xFFFFFFFF,
            packet_len=len(packet.data),
            packet_data=packet.data[:SNAPSHOT],
            options={
                "opt_comment": [comment(crossings[n - 1]) for n in packet.events],
                "epb_flags": 2 if packet.outbound else 1,
                "epb_packetid": number,
            },
        )
        writer.write_block(block)


def comment(crossing: Crossing) -> str:
    """What a packet says of an event of its."""
    inside = f" in {crossing.parent.n}" if crossing.parent is not None else ""
    return f"event {crossing.n}{inside} {crossing.name}"
