"""Builds the reactor with all planted faults, each behind a switch, and has the corpus judge it with each switched on.

Exit status: 0 every fault is noticed on each back end, where it was said to be, and the build without a fault agrees; 1 one
is not.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from planting import ROOT, build, listed, results

BACK_ENDS = ("epoll", "poll")


@dataclass(frozen=True)
class Finding:
    """What the corpus says of one fault on one back end: how each trace that notices it does, and how many were judged."""

    noticed: dict[str, str] = field(default_factory=dict)
    judged: int = 0

    def seen(self, fault: dict) -> str | None:
        """How the trace that was to notice it did; nothing where it did not, or otherwise than was said."""
        told = self.noticed.get(fault["noticed"]["case"])
        return told if told is not None and fault["noticed"]["by"] in told else None


def folders() -> list[str]:
    """The traces of the reactor: those of tunnels have faults of their own."""
    return [str(path) for path in sorted((ROOT / "Traces").glob("*/*")) if path.is_dir() and path.name != "pair"]


def judge(tool: Path, traces: list[str], fault: str | None, back_end: str) -> Finding:
    """What becomes of each trace with a fault switched on, or with none."""
    lines = results(tool, fault and f"Reactor/{fault}", [*traces, "--reactor", back_end, "--timeout", "2"])
    judged = [line for line in lines if line["verdict"] != "not run here"]
    return Finding({line["case"]: notice(line) for line in judged if line["verdict"] not in ("agrees", "kept")}, len(judged))


def notice(result: dict) -> str:
    """How a trace noticed: at which recorded event, and which rule was broken."""
    divergence = result.get("divergence") or {}
    event = divergence.get("event")
    what = divergence.get("kind") or result["verdict"]
    edge = divergence.get("edge")
    return f"{f'event {event}, ' if event else ''}{what}{f' ({edge})' if edge else ''}"


def table(faults: list[dict], found: dict[tuple[str, str], Finding], back_ends: tuple[str, ...]) -> str:
    """The results as a table, most noticed first."""
    of = ", ".join(f"{back_end} (of {found[faults[0]['name'], back_end].judged})" for back_end in back_ends)
    lines = [f"| fault | traces that notice it: {of} | one of them | how |", "| --- | --- | --- | --- |"]
    for fault in sorted(faults, key=lambda fault: -len(found[fault["name"], back_ends[0]].noticed)):
        findings = [found[fault["name"], back_end] for back_end in back_ends]
        counts = ", ".join(str(len(finding.noticed)) for finding in findings)
        lines.append(f"| {fault['name']} | {counts} | {fault['noticed']['case']} | {findings[0].seen(fault) or 'not noticed'} |")
    return "\n".join(lines)


def told(fault: dict, finding: Finding) -> str:
    """How a fault was noticed, or that it was not where it was said to be."""
    case = fault["noticed"]["case"]
    seen = finding.seen(fault)
    if seen is not None:
        return f"{case}, {seen}"
    here = finding.noticed.get(case)
    others = "; ".join(f"{name}, {how}" for name, how in list(finding.noticed.items())[:3]) or "nobody"
    return f"{case}, {here}, and not by {fault['noticed']['by']}" if here else f"NOT by {case}, but by {others}"


def main() -> int:
    """Judges the faults that are named, or all."""
    parser = argparse.ArgumentParser(prog="planted-faults", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", nargs="*", help="a fault to judge; all of them by default")
    parser.add_argument("--reactor", default="all", choices=[*BACK_ENDS, "all"])
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/planted-faults.md")
    options = parser.parse_args()
    back_ends = BACK_ENDS if options.reactor == "all" else (options.reactor,)
    faults = listed("faults.yaml")
    chosen = [fault for fault in faults if not options.name or fault["name"] in options.name]
    if len(chosen) < len(set(options.name)):
        parser.error(f"no such fault; there are: {', '.join(fault['name'] for fault in faults)}")

    tool, traces = build(), folders()
    for back_end in back_ends:
        for case, how in judge(tool, traces, None, back_end).noticed.items():
            sys.exit(f"without a fault {case} does not agree on {back_end}: {how}")

    # Much of the time is spent waiting for what a fault keeps from happening.
    places = list(product([fault["name"] for fault in chosen], back_ends))
    with ThreadPoolExecutor(4 * (os.cpu_count() or 1)) as several:
        found = dict(zip(places, several.map(lambda place: judge(tool, traces, *place), places)))

    if options.markdown:
        print(table(chosen, found, back_ends))
    missed = 0
    for fault in chosen:
        findings = [found[fault["name"], back_end] for back_end in back_ends]
        is_good = all(finding.seen(fault) is not None for finding in findings)
        missed += not is_good
        if not options.markdown:
            counts = ", ".join(f"{len(finding.noticed):3} of {finding.judged} on {name}" for finding, name in zip(findings, back_ends))
            worst = next((finding for finding in findings if finding.seen(fault) is None), findings[0])
            print(f"{'ok  ' if is_good else 'FAIL'} {counts}  {fault['name']}: {told(fault, worst)}")
    print(f"{len(chosen) - missed} passed, {missed} failed", file=sys.stderr if options.markdown else sys.stdout)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
