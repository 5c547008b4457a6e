"""How much of a stranger's trace a reader takes in before it refuses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper bounds on a trace. Sizes are in bytes; a run (`repeat`) counts at its full length before it is expanded.

    `depth` is that of brackets in a line, `nesting` that of crossings inside one another.
    """

    file: int = 1024 * 1024 * 1024
    line: int = 16 * 1024 * 1024
    header: int = 64 * 1024
    depth: int = 16
    key: int = 64
    events: int = 10_000_000
    nesting: int = 1_000
    value: int = 8 * 1024 * 1024
    total: int = 256 * 1024 * 1024


DEFAULT = Limits()
