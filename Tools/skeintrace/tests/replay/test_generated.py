"""Generated programs: whatever their scripts make of two connections' sides, the replay agrees."""

from __future__ import annotations

import pytest

from skeintrace.judge import report

from .generated import program
from .recorded import record, replay


@pytest.mark.parametrize("seed", [2, 3, 4, 6, 8, 10, 14, 15, 19, 20])
def test_a_generated_program_agrees_with_its_replay(seed: int) -> None:
    rows = record(program(seed))
    for reactor, shuffle in (("epoll", None), ("poll", None), ("epoll", seed)):
        verdict, expected = replay(rows, reactor, shuffle)
        assert verdict.agrees, f"{reactor}, {shuffle}: {report(verdict, expected)}"
