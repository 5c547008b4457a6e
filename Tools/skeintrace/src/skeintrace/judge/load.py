"""From a file to a recording."""

from __future__ import annotations

from pathlib import Path

from ..format import FormatError, Trace, read
from ..format.cli import LISTS
from ..format.emit import emit_event, emit_header
from ..format.validate import Validator
from .recording import Recording, recording


def load(path: Path | str) -> Recording:
    """Read a trace and build its recording.

    Raises `FormatError` for what breaks the format, or is cut off. How the file is laid out does not matter here.
    """
    trace = read(path)
    check(trace, str(path))
    found = recording([trace.header, *trace.events, {"eof": trace.eof}], str(path))
    for event, line in zip(trace.events, trace.lines):
        if "n" in event:
            found.events[event["n"]].line = line
    return found


def check(trace: Trace, path: str) -> None:
    """Check that a trace says what the format can say: every key, type, name and reference."""
    line = 0
    try:
        validator = Validator(trace.header)
        validator.header(trace.header, emit_header(trace.header))
        for line, event in zip(trace.lines, trace.events):
            validator.event(event, line, emit_event(event) + "\n")
        if trace.eof is not None:
            validator.event({"eof": trace.eof}, line + 1, emit_event({"eof": trace.eof}) + "\n")
    except FormatError as error:
        raise error.at(file=path, line=line) from None


def traces(paths: list[str]) -> list[Path]:
    """The trace files that paths name: files, and everything called `*.yaml` below folders, in order of name.

    The lists that a corpus keeps beside its traces are none.
    """
    found: list[Path] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found += sorted(place for place in path.rglob("*.yaml") if place.name not in LISTS and not place.name.startswith("."))
        else:
            found.append(path)
    return found
