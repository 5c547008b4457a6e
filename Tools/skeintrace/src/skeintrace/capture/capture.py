"""A capture: packets of one link type, and the events that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeGuard

ETHERNET, RAW = 1, 101
"""Link types: a packet begins with its Ethernet header, or with its IP header."""


class CaptureError(ValueError):
    """A trace of which no capture can be made."""


class UnwritableError(CaptureError):
    """A capture that cannot be written: a full disk, a closed pipe."""


def is_integer(value: object) -> TypeGuard[int]:
    """Whether a value of a trace is a whole number: a stranger's trace may have anything anywhere."""
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True)
class Packet:
    """One packet, as it stands in a capture."""

    at: int
    """Nanoseconds since the capture's `epoch`."""
    data: bytes
    events: tuple[int, ...]
    """The events that it belongs to: first the one that it is placed at, then the writes whose bytes it carries."""
    object: str
    """The object of the trace whose socket or device it passed."""
    outbound: bool
    """Whether that object sent it."""


@dataclass
class Capture:
    """The packets of one file, in order; the first has the number 1."""

    name: str
    """Empty for the synthetic packets of sockets, else the device: `tap0`."""
    link: int
    epoch: int
    """The zero of the packets' times, in seconds since 1970-01-01 00:00 UTC."""
    packets: list[Packet] = field(default_factory=list)

    @property
    def suffix(self) -> str:
        """What stands behind the trace's name in the file's: `.tap0.pcap`."""
        return f".{self.name}.pcap" if self.name else ".pcap"


def packets_of_events(captures: Iterable[Capture]) -> dict[int, dict[str, list[int]]]:
    """For each event that has packets their numbers, by the name of the capture that they stand in."""
    found: dict[int, dict[str, list[int]]] = {}
    for capture in captures:
        for number, packet in enumerate(capture.packets, 1):
            for n in packet.events:
                found.setdefault(n, {}).setdefault(capture.name, []).append(number)
    return found
