"""Builds the reactor with all planted faults, each behind a switch, and has the corpus judge it with each switched on.

Exit status: 0 every fault is noticed where it was said to be, and the build without a fault agrees; 1 one is not.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from planting import ROOT, build, listed, results


def check(tool: Path, fault: str | None, back_end: str) -> list[dict]:
    """What becomes of each trace."""
    return results(tool, fault and f"Reactor/{fault}", [str(ROOT / "Traces"), "--reactor", back_end, "--timeout", "2"])


def notice(result: dict) -> str:
    """How a trace noticed: at which recorded event, and which rule was broken."""
    divergence = result.get("divergence") or {}
    event = divergence.get("event")
    what = divergence.get("kind") or result["verdict"]
    edge = divergence.get("edge")
    return f"{f'event {event}, ' if event else ''}{what}{f' ({edge})' if edge else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help="a fault to judge; all of them by default")
    parser.add_argument("--reactor", default="epoll", choices=["epoll", "poll"])
    options = parser.parse_args()
    faults = listed("faults.yaml")
    chosen = [fault for fault in faults if not options.name or fault["name"] in options.name]
    if len(chosen) < len(options.name):
        parser.error(f"no such fault; there are: {', '.join(fault['name'] for fault in faults)}")

    tool = build()
    wrong = [result for result in check(tool, None, options.reactor) if result["verdict"] != "agrees"]
    if wrong:
        sys.exit(f"without a fault {wrong[0]['case']} does not agree: {notice(wrong[0])}")

    missed = 0
    # Much of the time is spent waiting for what a fault keeps from happening.
    with ThreadPoolExecutor(4) as several:
        judged = list(several.map(lambda fault: check(tool, fault["name"], options.reactor), chosen))
    for fault, results in zip(chosen, judged):
        noticed = {result["case"]: notice(result) for result in results if result["verdict"] != "agrees"}
        expected = fault["noticed"]["case"]
        seen = noticed.get(expected)
        is_good = seen is not None and fault["noticed"]["by"] in seen
        missed += not is_good
        told = seen or f"NOT noticed by it, but by {', '.join(list(noticed)[:3]) or 'nobody'}"
        print(f"{'ok  ' if is_good else 'FAIL'} {len(noticed):3} of {len(results)}  {fault['name']}: {expected}, {told}")
    print(f"{len(chosen) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
