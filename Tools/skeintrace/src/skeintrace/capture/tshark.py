"""What tshark makes of a capture file."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

FLAGGED = (
    "_ws.malformed || (tcp.analysis.flags && !tcp.analysis.reused_ports)"
    " || tcp.checksum.status==0 || ip.checksum.status==0 || udp.checksum.status==0"
)
"""Packets that an honest capture of sockets has none of."""

_VALIDATE = [option for layer in ("ip", "tcp", "udp") for option in ("-o", f"{layer}.check_checksum:TRUE")]
"""tshark does not look at checksums by itself."""
_FIELDS = ("frame.number", "tcp.stream", "tcp.srcport", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags")
_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16


class TsharkError(Exception):
    """tshark cannot read a file."""


@dataclass(frozen=True)
class Segment:
    """A TCP segment as tshark reads it."""

    number: int
    stream: int
    port: int
    seq: int
    ack: int
    length: int
    flags: int

    @property
    def next(self) -> int:
        """The sequence number behind it."""
        return (self.seq + self.length + bool(self.flags & _SYN) + bool(self.flags & _FIN)) % 2**32

    @property
    def wants_ack(self) -> bool:
        """Whether it must be acknowledged."""
        return self.next != self.seq and not self.flags & _RST

    def is_answered_by(self, answer: Segment) -> bool:
        """Whether another acknowledges it and does nothing else; a SYN's answer may do more."""
        opening = self.flags == _SYN
        return answer.port != self.port and answer.ack == self.next and (opening or answer.flags == _ACK)


def _tshark(path: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["tshark", "-n", "-2", "-r", str(path), *_VALIDATE, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise TsharkError(f"{path}: tshark: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def flagged(path: Path) -> list[int]:
    """The numbers of the packets that the filter finds."""
    return [int(line) for line in _tshark(path, "-Y", FLAGGED, "-T", "fields", "-e", "frame.number").split()]


def malformed(path: Path) -> list[str]:
    """What each malformed packet is, in tshark's words."""
    fields = ("-T", "fields", "-E", "occurrence=l", "-e", "frame.protocols", "-e", "_ws.expert.message")
    return [line.replace("\t", ": ") for line in _tshark(path, "-Y", "_ws.malformed", *fields).splitlines()]


def follow(path: Path, count: int) -> tuple[list[Segment], list[tuple[bytes, bytes]]]:
    """All segments, and the bytes of the first `count` streams: what the client sent, and what the server sent."""
    fields = [argument for name in _FIELDS for argument in ("-e", name)]
    taps = [argument for k in range(count) for argument in ("-z", f"follow,tcp,raw,{k}")]
    output = _tshark(path, "-T", "fields", *fields, *taps)
    packets, *followed = output.split("=" * 67 + "\nFollow: tcp,raw\n")
    segments = [_segment(line) for line in packets.splitlines() if line]
    # In whatever order tshark writes them: the first line of each ends with the stream's number.
    return segments, [_sides(text) for text in sorted(followed, key=lambda text: int(text.split("\n", 1)[0].rpartition(" ")[2]))]


def _segment(line: str) -> Segment:
    number, stream, port, seq, ack, length, flags = line.split("\t")
    return Segment(int(number), int(stream), int(port), int(seq), int(ack), int(length), int(flags, 16))


def _sides(text: str) -> tuple[bytes, bytes]:
    sides = [bytearray(), bytearray()]
    # Behind the filter and both nodes' lines.
    for line in text.splitlines()[3:]:
        if line.startswith("="):
            break
        sides[line.startswith("\t")] += bytes.fromhex(line)
    return bytes(sides[0]), bytes(sides[1])


def frames(path: Path) -> list[bytes]:
    """The bytes of every packet."""
    found = json.loads(_tshark(path, "-T", "json", "-x", "-j", "frame") or "[]")
    return [bytes.fromhex(packet["_source"]["layers"].get("frame_raw", [""])[0]) for packet in found]
