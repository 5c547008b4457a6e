"""What Twisted tells when an operation on a socket fails is what the table says, which Swift is held against too."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import Faults, Program

TABLE = Path(__file__).parents[4] / "Tests/ReactorTests/Faults/names.tsv"
ROWS = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:4]))
def test_a_fault_is_told_as_the_table_says(row: list[str]) -> None:
    kind, operation, effect, skipping, told = row
    faults = Faults(operation, effect, int(skipping))
    assert "; ".join(Program(kind, faults).run()) == told
    assert faults.happened == (operation != "none")
