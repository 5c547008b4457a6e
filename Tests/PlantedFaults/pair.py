"""Builds Pair with all planted faults, each behind a switch, and has the corpus of tunnels judge it with each switched on.

Only traces in memory are asked: what they notice needs no rights, and is the same everywhere.

Exit status: 0 every fault is noticed but those that nobody can see, and the build without a fault agrees; 1 one is not.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from planting import ROOT, build, listed, results

PARTS = ("whole", "port", "io")
ON_TWISTED = ROOT / "docs" / "calibration-pair.md"


@dataclass(frozen=True)
class Counts:
    """Of each part, how many traces disagree and how many were judged."""

    noticed: tuple[int, ...]
    judged: tuple[int, ...]

    @property
    def text(self) -> str:
        """The counts of those that disagree, for people."""
        return " / ".join(map(str, self.noticed))


def traces() -> list[str]:
    """The traces of tunnels that need no device."""
    found = sorted((ROOT / "Traces").glob("*/pair/*/**/*.yaml"))
    return [str(path) for path in found if "pair.RealSystem" not in path.read_text()]


def judge(tool: Path, paths: list[str], fault: str | None) -> Counts:
    """What the traces say, in the whole and by the parts, with a fault switched on or with none."""
    noticed, judged = [], []
    for part in PARTS:
        lines = results(tool, fault and f"Pair/{fault}", [*paths, "--part", part, "--timeout", "5"])
        verdicts = [line["verdict"] for line in lines if line["verdict"] != "not run here"]
        noticed.append(sum(verdict != "agrees" for verdict in verdicts))
        judged.append(len(verdicts))
    return Counts(tuple(noticed), tuple(judged))


def on_twisted() -> dict[str, str]:
    """How many traces notice each fault when it is planted in Twisted itself, as the calibration found it."""
    rows = re.findall(r"^\| (.+?) \| (\d+|-) \| (\d+|-) \| (\d+|-) \|$", ON_TWISTED.read_text(), re.MULTILINE)
    return {name: " / ".join(counts) for name, *counts in rows}


def table(faults: list[dict], found: dict[str, Counts], clean: Counts) -> str:
    """The results as a table."""
    twisted = on_twisted()
    of = ", ".join(f"{part} (of {count})" for part, count in zip(PARTS, clean.judged))
    lines = [f"| fault | what goes wrong | noticed by: {of} | on Twisted |", "| --- | --- | --- | --- |"]
    for fault in faults:
        name = fault["name"]
        what = fault.get("what") or f"not planted: {fault['meaningless']}"
        if "equivalent" in fault:
            what += f"; nobody can see it: {fault['equivalent']}"
        counts = found[name].text if name in found else "-"
        lines.append(f"| {name} | {what} | {counts} | {twisted.get(name, '-')} |")
    return "\n".join(lines)


def main() -> int:
    """Judges the faults that are named, or all."""
    parser = argparse.ArgumentParser(prog="planted-faults pair", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", nargs="*", help="a fault to judge; all of them by default")
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/planted-faults.md")
    options = parser.parse_args()
    faults = listed("pair.yaml")
    planted = [fault for fault in faults if "edits" in fault]
    unknown = set(options.name) - {fault["name"] for fault in planted}
    if unknown:
        parser.error(f"no fault is planted under the name {unknown.pop()!r}")
    chosen = [fault for fault in planted if not options.name or fault["name"] in options.name]

    tool, paths = build(), traces()
    clean = judge(tool, paths, None)
    if any(clean.noticed):
        sys.exit(f"without a fault traces do not agree: {clean.text} ({', '.join(PARTS)})")
    # Each waits for its worker most of the time.
    with ThreadPoolExecutor(4 * (os.cpu_count() or 1)) as several:
        judged = several.map(lambda fault: judge(tool, paths, fault["name"]), chosen)
        found = {fault["name"]: counts for fault, counts in zip(chosen, judged)}
    wrong = [fault["name"] for fault in chosen if any(found[fault["name"]].noticed) == ("equivalent" in fault)]
    if options.markdown:
        print(table(faults, found, clean))
    else:
        for name, counts in found.items():
            print(f"{'FAIL' if name in wrong else 'ok  '} {counts.text:>12}  {name}")
        print(f"{len(chosen) - len(wrong)} passed, {len(wrong)} failed")
    for name in wrong:
        print(f"{name}: {'noticed, though nobody can' if any(found[name].noticed) else 'not noticed'}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
