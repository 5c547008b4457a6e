"""The captures of a trace, and where they go."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

from ..format.reader import Trace, read
from ..format.tree import Crossing
from ..judge.load import check
from .capture import RAW, Capture
from .connections import connections
from .devices import device_captures
from .pcap import saved, write_pcap
from .stream import Placed, packets


def captures(trace: Trace) -> list[Capture]:
    """The captures that have packets: first the sockets', then the devices'. Raises CaptureError and FormatError."""
    crossings = crossings_of(trace)
    epoch = _epoch(trace.header)
    placed: list[Placed] = []
    for ordinal, connection in enumerate(connections(crossings), 1):
        placed += packets(connection, ordinal)
    placed.sort(key=lambda packet: packet.n)
    sockets = Capture("", RAW, epoch, [packet.packet for packet in placed])
    return [sockets] * bool(placed) + device_captures(crossings, epoch)


def load(path: Path) -> Trace:
    """Reads a trace to make captures of; one that was cut off as far as it goes. Raises FormatError for what breaks the format."""
    trace = read(path, allow_truncated=True)
    check(trace, str(path))
    return trace


def write_captures(trace: Trace, stem: Path) -> list[Path]:
    """Writes the captures of a trace, named by what stands before `.pcap`; returns the files."""
    files = []
    for capture in captures(trace):
        file = stem.with_name(stem.name + capture.suffix)
        with saved(file) as output:
            write_pcap(output, capture)
        files.append(file)
    return files


def crossings_of(trace: Trace) -> list[Crossing]:
    """Every crossing of a trace, in the order of the file."""
    found = [crossing for root in trace.tree() for crossing in root.walk()]
    return sorted(found, key=lambda crossing: crossing.n)


def _epoch(header: dict[str, Any]) -> int:
    """The zero of the times: `started`, or 0 where the clock is virtual."""
    started = header.get("started")
    if header.get("clock") == "virtual" or not isinstance(started, str):
        return 0
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z", started)
    if found is None:
        return 0
    try:
        year, month, day, hour, minute, second = map(int, found.groups())
        return int(datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.timezone.utc).timestamp())
    except ValueError:
        return 0  # no such day
