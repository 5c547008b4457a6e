"""Ends a recording that was cut off, so that it says what it has lost."""

from __future__ import annotations

import io
from pathlib import Path

from ..format.emit import emit_event
from ..format.errors import FormatError
from ..format.reader import Reader
from ..format.tree import Tree

_ROOM = 200
"""Bytes that are enough for the mark, whatever its numbers are."""


def end_cut_recording(path: Path, lost: int) -> None:
    """Ends the file behind its last whole line with a `lost` event and an `eof`, so that it is a whole trace again.

    The disk is full, so nothing is written beyond what the file has: the last events make room, and are lost too.
    """
    with open(path, "r+b") as file:
        data = file.read()
        lines = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
        size = sum(map(len, lines))
        while lines and size + _ROOM > len(data):
            line = lines.pop()
            size -= len(line)
            lost += line.startswith(b"--- {n: ")
        tree = Tree()
        at = 0
        try:
            for number, event in Reader(io.BytesIO(b"".join(lines)), str(path)):
                tree.add(event, number)
                at = event.get("at", at)
        except FormatError as error:
            if error.code != "truncated" or not tree.count:
                return  # nothing to end: not even the first event went out
        inside = tree.innermost()
        parent = {} if inside is None else {"in": inside.n}
        mark = emit_event({"n": tree.count + 1, **parent, "at": at, "lost": lost}) + "\n"
        eof = {"events": tree.count + 1, "open": tree.open()[1], "lost": lost}
        file.seek(size)
        file.write((mark + emit_event({"eof": eof}) + "\n").encode("ascii"))
        file.truncate()
