"""Chance from a seed, the same on every machine and with every version of Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Picks at random. Only `random.random` is drawn from: of it alone Python says that it stays the same."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        return int(self._source.random() * count)

    def between(self, first: int, last: int) -> int:
        """A number from `first` to `last`."""
        return first + self.below(last - first + 1)

    def one_in(self, count: int) -> bool:
        """Whether this is the one time in `count`."""
        return self.below(count) == 0

    def of(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.below(len(choices))]

    def weighed(self, choices: Sequence[tuple[int, T]]) -> T:
        """One of the choices, each as likely as its weight says."""
        left = self.below(sum(weight for weight, _ in choices))
        for weight, choice in choices:
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("the weights are positive")
