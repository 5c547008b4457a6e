"""Plants mistakes in Twisted's own twisted.pair, one at a time, and has the corpus of Pair notice each on Twisted.

This is the calibration of the checker, not of Swift: a replay that lets a broken original pass proves nothing of a port of it.
Nothing is written to Twisted's files: the edit is made as the module is imported, in a process of its own.

    .venv/bin/python Tests/PlantedFaults/pair/plant.py [NAME]...      default: all of them

Exit status: 0 every fault is noticed but those that nobody can see, and Twisted without a fault agrees; 1 one is not.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PARTS = ("whole", "port", "io")
DEADLINE = 120
"""How many seconds the corpus may take with one fault in it."""


@dataclass(frozen=True)
class Fault:
    """An edit of one of Twisted's modules."""

    name: str
    module: str
    find: str
    replace: str
    equivalent: str = ""


def faults() -> list[Fault]:
    """All of them."""
    listed = yaml.safe_load((HERE / "faults.yaml").read_text())
    return [Fault(module=f"twisted.pair.{module}", **entry) for module, entries in listed.items() for entry in entries]


class Planter(importlib.abc.MetaPathFinder):
    """Has a module imported with an edit."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """The module's place, with a loader that edits."""
        if name != self.fault.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None and spec.origin is not None
        spec.loader = _Edited(name, spec.origin, self.fault)
        return spec


class _Edited(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, fault: Fault) -> None:
        super().__init__(name, path)
        self._fault = fault

    def path_stats(self, path: Any) -> Any:
        raise OSError("nothing that was compiled before is of use")

    def get_data(self, path: Any) -> bytes:
        text = super().get_data(path).decode()
        if self._fault.find not in text:
            sys.exit(f"{self._fault.name}: this text is not in {path}:\n{self._fault.find}")
        return text.replace(self._fault.find, self._fault.replace, 1).encode()


def judge(fault: Fault | None) -> dict[str, list[int]]:
    """How many traces disagree, and how many there are, by part, with a fault in Twisted. Only what is in memory runs."""
    if fault is not None:
        sys.meta_path.insert(0, Planter(fault))
    from skeintrace.judge.load import traces
    from skeintrace.pair.runs import Runs

    paths = [str(path) for path in traces([str(ROOT / "Traces")]) if "pair" in path.parts]
    found = {part: [0, 0] for part in PARTS}
    for result in Runs(isolated=False).all(paths, PARTS):
        if result.state != "not run here":
            found[result.part][0] += result.state != "agrees"
            found[result.part][1] += 1
    return found


def judged(fault: Fault | None) -> dict[str, list[int]] | None:
    """The same in a process of its own; None for one that does not come to an end."""
    words = [sys.executable, str(Path(__file__).resolve()), "--judge", "" if fault is None else fault.name]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=DEADLINE, env=environment)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        sys.exit(f"{words[-1]}: {done.stderr}")
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


def main() -> int:
    """Judges the faults that are named, or all, and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--judge", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    everything = {fault.name: fault for fault in faults()}
    if options.judge is not None:
        print(json.dumps(judge(everything.get(options.judge))))
        return 0
    unknown = [name for name in options.names if name not in everything]
    if unknown:
        parser.error(f"no fault is called {unknown[0]!r}")
    chosen = [everything[name] for name in options.names] or list(everything.values())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        clean, *results = pool.map(judged, [None, *chosen])
    assert clean is not None
    print("| fault | " + " | ".join(f"{part} (of {clean[part][1]})" for part in PARTS) + " |")
    print("| --- " * (len(PARTS) + 1) + "|")
    wrong = [f"Twisted without a fault disagrees: {clean}"] if any(clean[part][0] for part in PARTS) else []
    noticed = 0
    for fault, result in zip(chosen, results):
        counts = ["-" if result is None else str(result[part][0]) for part in PARTS]
        print(f"| {fault.name} | " + " | ".join(counts) + " |")
        is_noticed = result is None or any(result[part][0] for part in PARTS)
        noticed += is_noticed
        if is_noticed == bool(fault.equivalent):
            wrong.append(f"{fault.name}: " + ("noticed, though it is said to be equivalent" if is_noticed else "not noticed"))
    print(f"\n{noticed} of {len(chosen)} faults noticed, {sum(bool(fault.equivalent) for fault in chosen)} equivalent")
    for line in wrong:
        print(line, file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
