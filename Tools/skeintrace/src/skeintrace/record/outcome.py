"""What became of one test that was run to be recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Outcome:
    """A test, and whether there is a trace of it."""

    test: str
    case: str
    state: str
    """`traced`, `failed`, `not run here`, `not expressible` or `waits for`."""
    why: str = ""
    path: Path | None = None
    relative: str = ""
    """Where the trace is, inside the folder of traces."""
    events: int = 0
    faults: list[str] = field(default_factory=list)
    """What went wrong in the recorder itself."""
