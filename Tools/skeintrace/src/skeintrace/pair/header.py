"""Whether a trace is one of pair."""

from __future__ import annotations

from ..format import FormatError, Reader


def is_of_pair(path: str) -> bool:
    """Whether a file is a trace of pair, by its header."""
    try:
        with open(path, "rb") as file:
            return "pair" in Reader(file, path).header.get("features", [])
    except (FormatError, OSError):
        return False
