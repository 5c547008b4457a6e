"""Every committed trace agrees with Twisted itself: whole, and by parts."""

from __future__ import annotations

import pytest

from skeintrace.pair.parts import part_of
from skeintrace.pair.replay import replay

from .corpus import FOLDER, in_memory, rows

COUNTS = {"whole": (139, 1763), "port": (111, 1287), "io": (92, 697)}
"""How many traces have something of a part, and how many events."""


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("part", COUNTS)
def test_every_trace_in_memory_agrees_with_twisted(part: str) -> None:
    traces = events = 0
    for whole in in_memory():
        script = part_of(whole, part)
        if not script.steps:
            continue
        found = replay(script)
        assert found.divergence is None, (script.path, found.divergence)
        assert not found.relaxed
        traces += 1
        events += found.count
    assert (traces, events) == COUNTS[part]


def test_traces_of_real_devices_agree_where_the_devices_can_be_made() -> None:
    made = rows("replay", "--json", str(FOLDER / "test_tuntap"))
    real = [row for row in made if "RealDevice" in row["path"] or "RealIOSystem" in row["path"]]
    assert len(real) == 17
    assert {row["state"] for row in real} <= {"agrees", "not run here"}
    relaxed = [row for row in real if row.get("relaxed")]
    for row in relaxed:
        assert row["path"].endswith("/receive.yaml")
        assert row["relaxed"] == {"port-binding": 1, "kernel-frame": 1}


def test_real_devices_are_not_touched_in_the_machines_own_network() -> None:
    made = rows("replay", "--json", "--here", str(FOLDER / "test_tuntap" / "RealIOSystem"))
    assert [row["state"] for row in made] == ["not run here"]
