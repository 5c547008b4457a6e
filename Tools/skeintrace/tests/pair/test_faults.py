"""Mistakes planted in Twisted's own modules are noticed: a few of those that few traces see. Tests/PlantedFaults/pair has all."""

from __future__ import annotations

import subprocess
import sys

from .corpus import ROOT

NOTICED = ("DF as int", "fd numbers reused", "name not stripped", "TUNSETIFF wrong")


def test_planted_faults_are_noticed() -> None:
    plant = ROOT / "Tests" / "PlantedFaults" / "pair" / "plant.py"
    done = subprocess.run([sys.executable, str(plant), *NOTICED], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(NOTICED)} of {len(NOTICED)} faults noticed" in done.stdout
