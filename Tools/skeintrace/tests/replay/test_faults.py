"""The replay can fail: each mistake planted in Twisted is noticed by some program, and by none without it."""

from __future__ import annotations

import pytest

from .faults import FAULTS, planted
from .programs import PROGRAMS
from .recorded import Rows, record, replay

#: Where to look first; any program may notice.
LIKELY = ("closing", "garbage", "shutdown_waits", "producers", "half_close", "threads", "timers", "aborts")


@pytest.fixture(scope="module")
def recorded() -> dict[str, Rows]:
    names = [*LIKELY, *(name for name in sorted(PROGRAMS) if name not in LIKELY)]
    return {name: record(PROGRAMS[name]) for name in names}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_planted_mistake_is_noticed(fault: str, recorded: dict[str, Rows]) -> None:
    with planted(fault):
        noticed = next((name for name, rows in recorded.items() if not replay(rows, deadline=1.5)[0].agrees), None)
    assert noticed is not None, f"no program notices: {fault}"


def test_nothing_is_noticed_without_a_mistake(recorded: dict[str, Rows]) -> None:
    for name, rows in recorded.items():
        verdict, _ = replay(rows)
        assert verdict.agrees, (name, verdict.divergence)
