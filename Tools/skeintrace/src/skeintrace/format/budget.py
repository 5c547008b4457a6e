"""What is left of a trace's limits while it is read."""

from __future__ import annotations

from .limits import Limits
from .run import expanded, is_run


class Budget:
    """Counts decoded strings and bytes against the limits. One a trace: the total runs on from line to line."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.spent = 0

    def take(self, size: int) -> bool:
        """Takes a string or bytes of this size off the total; False, and nothing taken, where it is too much."""
        if size > self.limits.value or self.spent + size > self.limits.total:
            return False
        self.spent += size
        return True

    def take_text(self, text: str) -> bool:
        """Takes a string off the total, by its length in UTF-8."""
        return self.take(len(text) if text.isascii() else len(text.encode()))

    def expand(self, run: list[object]) -> bytes | None:
        """A run as bytes, or None where it is malformed or too long. Its length counts before it is expanded."""
        if not is_run(run):
            return None
        unit, length = run
        assert isinstance(unit, bytes) and isinstance(length, int)
        return expanded(unit, length) if self.take(length) else None
