"""Writes classic pcap files: nanoseconds, little-endian, whatever the machine."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .capture import Capture, CaptureError, Packet, UnwritableError

SNAPSHOT = 262144
"""The most bytes of a packet that are written; its true length stands beside them."""
_MAGIC = 0xA1B23C4D


def write_pcap(file: BinaryIO, capture: Capture) -> None:
    """Writes a whole capture."""
    file.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, SNAPSHOT, capture.link))
    for packet in capture.packets:
        seconds, nanoseconds = divmod(time_of(packet, capture), 1_000_000_000)
        data = packet.data[:SNAPSHOT]
        file.write(struct.pack("<IIII", seconds, nanoseconds, len(data), len(packet.data)) + data)


def time_of(packet: Packet, capture: Capture) -> int:
    """Nanoseconds since 1970. Raises CaptureError for a time that pcap has no room for."""
    time = capture.epoch * 1_000_000_000 + packet.at
    if not 0 <= time < 2**32 * 1_000_000_000:
        raise CaptureError(f"event {packet.events[0]}: its time is not between 1970 and 2106")
    return time


@contextlib.contextmanager
def saved(path: Path) -> Iterator[BinaryIO]:
    """A file to write that is put at `path` when all is written: what stands there is whole, or what was there before.
    A device or a pipe is written straight to."""
    is_file = path.is_file() or not path.exists()
    part = path.with_name(path.name + ".part") if is_file else path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb") as file:
            yield file
        if is_file:
            os.replace(part, path)
    except OSError as error:
        raise UnwritableError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        if is_file:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
