"""Every alteration of a recorded trace is noticed, offline; the ones that say nothing else are told apart by rule."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from skeintrace.format import read
from skeintrace.judge import compare, recording, report
from skeintrace.judge.load import load, traces
from skeintrace.judge.mutants import KINDS, Row, mutants

TRACES = traces([str(Path(__file__).parent / "traces")])


def documents(path: Path) -> list[Row]:
    trace = read(path)
    return [trace.header, *trace.events, {"eof": trace.eof}]


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_a_recording_agrees_with_itself(path: Path) -> None:
    expected = load(path)
    verdict = compare(expected, load(path))
    assert verdict.agrees, report(verdict, expected)
    assert verdict.consumed == verdict.expected == verdict.happened


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_every_mutant_is_noticed(path: Path) -> None:
    rows = documents(path)
    capture = recording(rows)
    survivors = []
    for mutant in mutants(rows):
        if mutant.judged(capture).agrees and mutant.equivalent is None:
            survivors.append(f"{mutant.kind} at {mutant.n}: {mutant.what}")
    assert survivors == []


def test_every_kind_of_alteration_is_made_and_most_are_not_equivalent() -> None:
    made: Counter[str] = Counter()
    equivalent: Counter[str] = Counter()
    for path in TRACES:
        for mutant in mutants(documents(path)):
            (made if mutant.equivalent is None else equivalent)[mutant.kind] += 1
    assert set(made) == set(KINDS)
    assert sum(equivalent.values()) * 20 < sum(made.values())


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_the_verdict_names_the_altered_event_or_what_it_breaks(path: Path) -> None:
    rows = documents(path)
    capture = recording(rows)
    for mutant in mutants(rows, ("byte", "error", "errno", "address")):
        altered = recording(mutant.rows)
        verdict = compare(altered, capture)
        assert verdict.divergence is not None and verdict.divergence.expected == mutant.n, (mutant.kind, mutant.n, verdict.divergence)
        assert f"{mutant.n} " in report(verdict, altered)
