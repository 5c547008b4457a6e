"""Recording again what is committed gives the same, and leaves Twisted as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from twisted.internet.task import Clock
from twisted.pair import testing, tuntap

from skeintrace.pair import intercept
from skeintrace.pair.compare import compare
from skeintrace.pair.script import load

from .corpus import FOLDER, PATHS, SCENARIOS, name_of, skeintrace, timeless

KERNELS = {
    "test_tuntap/RealDeviceWithProtocolInformation/receive.yaml",
    "test_tuntap/RealDeviceWithoutProtocolInformation/receive.yaml",
}
"""What two runs cannot have in common: a kernel's own frames are in these."""


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite of twisted.pair and the scenarios, recorded anew."""
    folder = tmp_path_factory.mktemp("again")
    skeintrace("trial", "-o", str(folder), "--manifest", str(folder / "manifest.yaml"), "twisted.pair.test")
    for scenario in sorted(SCENARIOS.glob("*.py")):
        skeintrace("record", "--pair", "-o", str(folder / "scenarios"), "--", scenario.name, cwd=SCENARIOS)
    return folder


def test_each_run_of_the_suite_is_recorded_or_cannot_run_here(again: Path) -> None:
    made = yaml.safe_load((again / "manifest.yaml").read_text())
    assert made["total"] == 145
    for test, outcome in made["tests"].items():
        assert outcome["state"] == "traced" or "RealDevice" in test and outcome["state"] == "not run here", test


def test_the_manifest_lists_all_145_runs_as_traced() -> None:
    listed = yaml.safe_load((FOLDER / "manifest.yaml").read_text())
    assert listed["counts"] == {"traced": 145}
    assert {outcome["trace"] for outcome in listed["tests"].values()} == {
        name_of(path) for path in PATHS if path.parent.name != "scenarios"
    }


def test_a_new_recording_is_equal_but_for_times(again: Path) -> None:
    compared = 0
    for path in PATHS:
        name = name_of(path)
        if name in KERNELS or not (again / name).exists():
            continue
        assert timeless((again / name).read_text()) == timeless(path.read_text()), name
        compared += 1
    assert compared >= 139


def test_a_new_recording_compares_equal(again: Path) -> None:
    for path in PATHS:
        if name_of(path) not in KERNELS and (again / name_of(path)).exists():
            assert compare(load(path), load(again / name_of(path))).divergence is None, path


def test_compare_tells_two_recordings_apart() -> None:
    tap, tun = (str(FOLDER / "test_tuntap" / cls / "write.yaml") for cls in ("Tap", "Tun"))
    assert skeintrace("compare", tap, tap).returncode == 0
    told = skeintrace("compare", tap, tun)
    assert told.returncode == 1
    assert "event 3" in told.stdout and "IFF_TUN" in told.stdout


def test_uninstalling_leaves_the_classes_as_they_were() -> None:
    watched = (tuntap.TuntapPort, testing.MemoryIOSystem, testing.Tunnel, tuntap.TunnelAddress, Clock)
    before = [dict(cls.__dict__) for cls in watched]
    builders = (testing._ip, testing._udp)
    intercept.install()
    assert testing._ip is not builders[0]
    intercept.uninstall()
    assert [dict(cls.__dict__) for cls in watched] == before
    assert (testing._ip, testing._udp) == builders
