"""A trace that expects anything else of the system fails: no alteration of a committed trace agrees with Twisted."""

from __future__ import annotations

from collections import Counter

import pytest

from skeintrace.pair.compare import compare
from skeintrace.pair.replay import replay

from .corpus import in_memory
from .mutants import mutants

MOST = 150
"""How many of one trace's mutants are tried: those of the long traces are alike."""


@pytest.mark.usefixtures("seen")
def test_no_altered_trace_agrees_with_twisted() -> None:
    tried: Counter[str] = Counter()
    for script in in_memory():
        made = list(mutants(script))
        for how, mutant in made[:: len(made) // MOST + 1]:
            found = replay(mutant)
            assert found.divergence is not None, (script.path, how)
            tried[how] += 1
    assert sum(tried.values()) > 5000
    assert {"byte", "length", "errno", "family", "number", "truth", "type", "text", "dropped", "swapped", "nothing", "something"} <= set(tried)


def test_no_altered_trace_compares_equal() -> None:
    tried = 0
    for script in in_memory():
        for how, mutant in list(mutants(script))[::7]:
            assert compare(mutant, script).divergence is not None, (script.path, how)
            tried += 1
    assert tried > 1000
