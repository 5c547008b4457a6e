"""The command `replay`."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..judge.freedoms import FREEDOMS
from ..judge.load import traces
from ..pair.header import is_of_pair
from .reactors import judged
from .worker import Case, Result, Worker

REACTORS = ("epoll", "poll", "select")


def add_parser(subparsers: Any) -> None:
    """Adds the command to the tool's."""
    parser = subparsers.add_parser(
        "replay",
        help="replay traces on Twisted itself",
        description="Plays the application of each trace on Twisted's own reactor and judges what the reactor does.",
        epilog="examples: skeintrace replay Traces --reactor all   |   skeintrace replay echo.yaml --shuffle 1..20",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a trace, or a folder of traces")
    parser.add_argument("--reactor", choices=(*REACTORS, "all"), default="epoll")
    parser.add_argument("--repeat", type=_positive, default=1, metavar="N", help="run everything N times")
    parser.add_argument("--shuffle", type=_seeds, default=[None], metavar="SEEDS", help="reorder what one poll reports: 3, or 1,2,5, or 1..20")
    parser.add_argument("--without", action="append", default=[], metavar="FREEDOM", choices=sorted(FREEDOMS), help="switch a freedom off")
    parser.add_argument("--deadline", type=float, default=20.0, metavar="SECONDS", help="how long a run may take (default 20)")
    parser.add_argument("--part", choices=("whole", "port", "io", "all"), default="whole", help="of traces of twisted.pair: the port with what its system answered, or the system by itself (default: whole)")
    parser.add_argument("--here", action="store_true", help="stay in this network: then nothing but the loopback is touched")
    parser.add_argument("--json", action="store_true", help="print one JSON object a run")
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return number


def _seeds(text: str) -> list[int | None]:
    seeds: list[int | None] = []
    for part in text.split(","):
        first, dots, last = part.partition("..")
        try:
            seeds += range(int(first), int(last or first) + 1) if dots else [int(first)]
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected seeds such as 3, 1,2,5 or 1..20, found {text!r}") from None
    if not seeds:
        raise argparse.ArgumentTypeError("expected at least one seed")
    return seeds


def run(args: argparse.Namespace) -> int:
    """`skeintrace replay`: the exit status says the worst that happened."""
    isolated = False
    if not args.here:
        from ..record import namespace

        isolated = namespace.enter()
    paths = traces(args.paths)
    if not paths:
        print("skeintrace replay: nothing to replay", file=sys.stderr)
        return 2
    of_pair = [str(path) for path in paths if is_of_pair(str(path))]
    of_reactor = [str(path) for path in paths if str(path) not in of_pair]
    states: Counter[str] = Counter()
    if of_reactor:
        states += _replay_reactor(args, of_reactor, isolated)
    if of_pair:
        states += _replay_pair(args, of_pair, isolated)
    return _status(states)


def _replay_reactor(args: argparse.Namespace, paths: list[str], isolated: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    freedoms: Counter[str] = Counter()
    events = [0, 0]
    worker = Worker()
    try:
        for case in _cases(args, paths, isolated):
            result = judged(worker.run(case))
            counts[result.state] += 1
            freedoms.update(result.verdict.get("freedoms", {}))
            events[0] += result.verdict.get("consumed", 0)
            events[1] += result.verdict.get("expected", 0)
            _print(result, args.json)
    finally:
        worker.end()
    if not args.json:
        print(_summary(counts, freedoms, events))
    return counts


def _replay_pair(args: argparse.Namespace, paths: list[str], isolated: bool) -> Counter[str]:
    from ..pair.runs import Runs, parts_named

    counts: Counter[str] = Counter()
    relaxed: Counter[str] = Counter()
    events = [0, 0]
    for result in Runs(isolated).all(paths, parts_named(args.part), args.repeat):
        counts[result.state] += 1
        relaxed.update(result.verdict.get("relaxed", {}))
        events[0] += result.verdict.get("consumed", 0)
        events[1] += result.verdict.get("expected", 0)
        if args.json:
            print(json.dumps({"path": result.path, "part": result.part, "state": result.state, **result.verdict}), flush=True)
        else:
            print(f"[pair {result.part}] {result.state}: {result.text}", flush=True)
    if not args.json:
        print(_summary(counts, relaxed, events, "pair runs", "relaxations"))
    return counts


def _cases(args: argparse.Namespace, paths: list[str], isolated: bool) -> Iterator[Case]:
    for _ in range(args.repeat):
        for reactor in REACTORS if args.reactor == "all" else (args.reactor,):
            for seed in args.shuffle:
                for path in paths:
                    yield Case(path, reactor, seed, args.deadline, tuple(args.without), isolated)


def _print(result: Result, as_json: bool) -> None:
    case = result.case
    if as_json:
        row = {"path": case.path, "reactor": case.reactor, "seed": case.seed, "state": result.state, **result.verdict}
        print(json.dumps(row), flush=True)
        return
    seed = f", shuffle {case.seed}" if case.seed is not None else ""
    print(f"[{case.reactor}{seed}] {_line(result)}", flush=True)


def _line(result: Result) -> str:
    if result.state in ("agrees", "diverges"):
        return result.text
    where = "" if result.text.startswith(result.case.path) else f"{result.case.path}: "
    return f"{result.state}: {where}{result.text}"


def _summary(
    counts: Counter[str], freedoms: Counter[str], events: list[int], runs: str = "runs", allowances: str = "freedoms"
) -> str:
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    used = ", ".join(f"{name} {count}" for name, count in sorted(freedoms.items()) if count) or "none"
    return f"{sum(counts.values())} {runs}: {states}; {events[0]} of {events[1]} events; {allowances} used: {used}"


def _status(counts: Counter[str]) -> int:
    if counts["unreadable"]:
        return 3
    if counts["diverges"] or counts["hung"] or counts["crashed"] or counts["unneeded"]:
        return 1
    return 0 if counts["agrees"] or counts["kept"] else 4
