"""Checks captures: `python -m skeintrace.capture.check TRACES CAPTURES`.

Every trace has the captures that it must have and no others, tshark finds nothing wrong in those of sockets, every
segment is acknowledged at once, and what crosses is what the trace says, byte for byte. What was sent through devices may
be no packet at all, as its test wanted: such frames are listed, by cause.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from ..cli import EXIT_AGREES, EXIT_DIFFERS, EXIT_NOT_RUN, EXIT_USAGE
from ..format.cli import traces_at
from .expected import expected
from .tshark import Segment, TsharkError, flagged, follow, frames, malformed


@dataclass
class Checked:
    """How many streams and frames were compared, what is wrong, a line each, and what malformed frames are."""

    streams: int = 0
    frames: int = 0
    wrong: list[str] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)

    def add(self, other: Checked) -> None:
        """Counts another trace's in."""
        self.streams += other.streams
        self.frames += other.frames
        self.wrong += other.wrong
        self.malformed += other.malformed


def check(trace: Path, folder: Path) -> Checked:
    """Checks the captures of one trace."""
    wanted = expected(trace)
    names = {f"{trace.stem}.{device}.pcap": found for device, found in wanted.frames.items()}
    there = {path.name for path in folder.glob(f"{trace.stem}*.pcap") if path.name.split(".")[0] == trace.stem}
    sockets = {f"{trace.stem}.pcap"} if wanted.streams else set()
    wrong = [f"{folder / name}: not expected" for name in sorted(there - set(names) - sockets)]
    wrong += [f"{folder / name}: missing" for name in sorted((set(names) | sockets) - there)]
    for name in sorted(sockets & there):
        wrong += [f"{folder / name}: {line}" for line in _check_sockets(folder / name, wanted.streams)]
    odd = []
    for name, sent in sorted(names.items()):
        if name in there:
            wrong += [f"{folder / name}: {line}" for line in _check_frames(folder / name, sent)]
            odd += malformed(folder / name)
    return Checked(len(wanted.streams), sum(map(len, wanted.frames.values())), wrong, odd)


def _check_sockets(path: Path, streams: list[tuple[bytes, bytes]]) -> Iterator[str]:
    for number in flagged(path):
        yield f"packet {number}: tshark flags it"
    segments, sides = follow(path, len(streams))
    count = 1 + max((segment.stream for segment in segments), default=-1)
    if count != len(streams):
        yield f"{count} streams, not {len(streams)}"
    yield from _unacknowledged(segments)
    for stream, (found, wanted) in enumerate(zip(sides, streams)):
        for sender, have, want in zip(("client", "server"), found, wanted):
            if have != want:
                yield f"stream {stream}: what the {sender} sent differs from the trace {_where(have, want)}"


def _unacknowledged(segments: list[Segment]) -> Iterator[str]:
    waiting: dict[int, Segment] = {}
    for segment in segments:
        before = waiting.pop(segment.stream, None)
        if before is not None and not before.is_answered_by(segment):
            yield f"packet {before.number}: not acknowledged by the next one"
        if segment.wants_ack:
            waiting[segment.stream] = segment
    for before in waiting.values():
        yield f"packet {before.number}: not acknowledged"


def _check_frames(path: Path, sent: list[bytes]) -> Iterator[str]:
    for number, (have, want) in enumerate(zip_longest(frames(path), sent), 1):
        if have is None or want is None:
            yield f"packet {number}: {'missing' if have is None else 'not in the trace'}"
        elif have != want:
            yield f"packet {number}: differs from the trace {_where(have, want)}"


def _where(have: bytes, want: bytes) -> str:
    common = next((i for i, (a, b) in enumerate(zip(have, want)) if a != b), min(len(have), len(want)))
    return f"at byte {common}; {len(have)} bytes, not {len(want)}"


def main(arguments: list[str]) -> int:
    """Checks the captures in a folder that mirrors a folder of traces."""
    if len(arguments) != 2:
        print("usage: python -m skeintrace.capture.check TRACES CAPTURES", file=sys.stderr)
        return EXIT_USAGE
    root, captures = map(Path, arguments)
    traces = [Path(path) for path in traces_at([str(root)])]
    total = Checked()
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for found in pool.map(lambda trace: check(trace, captures / trace.parent.relative_to(root)), traces):
                total.add(found)
    except (TsharkError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return EXIT_NOT_RUN
    for line in total.wrong:
        print(line)
    for cause, count in Counter(total.malformed).most_common():
        print(f"{count} frames that a test wrote: {cause}")
    compared = f"{total.streams} streams and {total.frames} frames compared"
    print(f"{len(traces)} traces: {compared}, {len(total.wrong)} differences")
    return EXIT_DIFFERS if total.wrong or not traces else EXIT_AGREES


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
