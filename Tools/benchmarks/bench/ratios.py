"""The arithmetic: ratios of interleaved pairs, their spread, the control, and the promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

CONTROL_TOLERANCE = 0.05
"""How far from 1 the median of the control, one program against itself, may lie."""

PAIRS_FOR_A_VERDICT = 15
"""How many pairs a promise is judged on at least."""


@dataclass(frozen=True)
class Spread:
    """A median between its quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of one value or more; quartiles lie inside the values (the inclusive method)."""
        if not values:
            raise ValueError("a spread needs at least one value")
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(median(values), low, high)


def pair_ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """The ratio of each pair: the k-th rate of one server through the k-th of the other, taken right beside it."""
    if len(above) != len(below):
        raise ValueError(f"{len(above)} rates cannot be paired with {len(below)}")
    return [a / b for a, b in zip(above, below)]


def is_conclusive(control: Spread) -> bool:
    """Whether a run whose control came out so may say anything at all."""
    return abs(control.median - 1) <= CONTROL_TOLERANCE


@dataclass(frozen=True)
class Promise:
    """What Skein promises of one ratio."""

    pair: str
    connections: int
    least: float
    strictly: bool = False

    def __str__(self) -> str:
        """The promise as a line of the report says it."""
        bound = "above" if self.strictly else "at least"
        return f"{self.pair} at {self.connections} connections {bound} {self.least:g}"

    def is_kept(self, ratio: float) -> bool:
        """Whether a median keeps it."""
        return ratio > self.least if self.strictly else ratio >= self.least


PROMISES = [Promise("skein/c", 50, 0.9), Promise("skein/nio", 50, 1, strictly=True)]
"""The promises that a run judges when it measured what they are about."""
