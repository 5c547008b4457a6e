"""Rewrites a trace in the canonical form, folding into one line what was opened and closed with nothing inside."""

from __future__ import annotations

from typing import Any, BinaryIO

from .emit import emit_event, emit_header
from .errors import FormatError
from .reader import Reader
from .tree import OUTCOME


def fmt_file(reader: Reader, out: BinaryIO) -> None:
    """Writes what the reader reads. An `end` that follows its own opening line at once is folded into it: the time of an
    end with nothing inside is left out."""
    out.write(emit_header(reader.header).encode("ascii"))
    held: dict[str, Any] | None = None
    place = 0
    for line, event in reader:
        if held is not None:
            if "end" in event and event["end"] == held.get("n"):
                held.update((key, value) for key, value in event.items() if key in OUTCOME or key.startswith("x-"))
                _write(held, place, reader.name, out)
                held = None
                continue
            _write(held, place, reader.name, out)
        held, place = event, line
    if held is not None:
        _write(held, place, reader.name, out)


def _write(event: dict[str, Any], line: int, name: str, out: BinaryIO) -> None:
    try:
        text = emit_event(event)
    except FormatError as error:
        raise error.at(file=name, line=line)
    out.write((text + "\n").encode("ascii"))
