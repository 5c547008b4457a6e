"""Programs recorded on one back end agree with their replay on every back end."""

from __future__ import annotations

import pytest

from skeintrace.judge import compare, recording, report

from .programs import PROGRAMS
from .recorded import record, replay

REACTORS = ("epoll", "poll", "select")


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_recorded_program_agrees_with_its_replay_on_every_back_end(name: str) -> None:
    rows = record(PROGRAMS[name])
    for reactor in REACTORS:
        verdict, expected = replay(rows, reactor)
        assert verdict.agrees, f"{reactor}: {report(verdict, expected)}"


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_it_agrees_when_the_poll_reports_in_another_order(name: str) -> None:
    rows = record(PROGRAMS[name])
    for seed in range(1, 6):
        verdict, expected = replay(rows, "epoll", seed)
        assert verdict.agrees, f"shuffle {seed}: {report(verdict, expected)}"


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_two_recordings_of_one_program_compare_equal(name: str) -> None:
    first, second = recording(record(PROGRAMS[name])), recording(record(PROGRAMS[name], "poll"))
    verdict = compare(first, second)
    assert verdict.agrees, report(verdict, first)
