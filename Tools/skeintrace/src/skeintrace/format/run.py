"""Bytes that repeat a few bytes up to a length: `{repeat: [!!binary "bGFsYQ==", 1048576]}`."""

from __future__ import annotations

THRESHOLD = 256
"""Bytes of this length or more are written as a run, if they are one."""

LONGEST_UNIT = 64
"""The longest unit."""


def unit_of(data: bytes) -> bytes | None:
    """The shortest unit of bytes that are written as a run, None for others: it has to stand there four times at least."""
    if len(data) < THRESHOLD:
        return None
    view = memoryview(data)
    for period in range(1, min(LONGEST_UNIT, len(data) // 4) + 1):
        if data[period] == data[0] and view[period:] == view[:-period]:
            return data[:period]
    return None


def is_run(run: list[object]) -> bool:
    """Whether the two elements of `repeat` are a unit and a length."""
    if len(run) != 2:
        return False
    unit, length = run
    if not isinstance(unit, bytes) or not 1 <= len(unit) <= LONGEST_UNIT:
        return False
    return isinstance(length, int) and not isinstance(length, bool) and length >= 1


def expanded(unit: bytes, length: int) -> bytes:
    """The bytes in full; the last unit may be cut."""
    return (unit * (length // len(unit) + 1))[:length]
