"""The arithmetic: ratios of interleaved pairs, the interval of their median, the control, and what is promised."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

CONTROL_TOLERANCE = 0.03
"""How far from 1 the median of the control, one program against itself, may lie."""

PAIRS_FOR_A_VERDICT = 15
"""How many pairs a promise is judged on at least."""

CONFIDENCE = 0.95
"""The part of the resampled medians that an interval holds."""

RESAMPLES = 4000
"""How many times the values are drawn anew for an interval."""

SEED = 20
"""Where the drawing begins: the same values always have the same interval."""


@dataclass(frozen=True)
class Spread:
    """A median, in the interval where bootstrapping finds it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of one value or more: the percentile bootstrap of their median."""
        if not values:
            raise ValueError("a spread needs at least one value")
        draw = random.Random(SEED)
        medians = sorted(median(draw.choices(values, k=len(values))) for _ in range(RESAMPLES))
        outside = round(RESAMPLES * (1 - CONFIDENCE) / 2)
        return cls(median(values), medians[outside], medians[-1 - outside])

    def __str__(self) -> str:
        """The spread as tables show it."""
        return f"{self.median:.3f} ({self.low:.3f}–{self.high:.3f})"


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
    """What Skein promises of one ratio in one workload."""

    pair: str
    workload: str
    median: float | None = None
    """What the median is at least."""
    interval: float | None = None
    """What the whole interval lies above."""

    def __str__(self) -> str:
        """The promise as a line of the report says it."""
        bounds = [f"median at least {self.median:g}"] if self.median is not None else []
        bounds += [f"interval above {self.interval:g}"] if self.interval is not None else []
        return f"{self.workload}: {self.pair}: {', '.join(bounds)}"

    def is_kept(self, ratio: Spread) -> bool:
        """Whether a ratio that came out so keeps it."""
        return (self.median is None or ratio.median >= self.median) and (
            self.interval is None or ratio.low > self.interval
        )
