"""From a file to a recording."""

from __future__ import annotations

from pathlib import Path

from ..format import read
from .recording import Recording, recording


def load(path: Path | str) -> Recording:
    """Read a trace and build its recording. Raises `FormatError` for what breaks the format, or is cut off."""
    trace = read(path)
    found = recording([trace.header, *trace.events, {"eof": trace.eof}], str(path))
    for event, line in zip(trace.events, trace.lines):
        if "n" in event:
            found.events[event["n"]].line = line
    return found


def traces(paths: list[str]) -> list[Path]:
    """The trace files that paths name: files, and everything called `*.yaml` below folders, in order of name."""
    found: list[Path] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found += sorted(place for place in path.rglob("*.yaml") if not place.name.startswith("."))
        else:
            found.append(path)
    return found
