"""The commands `generate` and `shrink`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

USAGE, NOT_RUN = 2, 4
LARGEST = 2**63 - 1


def add_parser(subparsers: Any) -> None:
    """Adds the two commands to the tool's."""
    generate = subparsers.add_parser(
        "generate",
        help="write random programs, record and calibrate them",
        description="Writes programs made from seeds, records each, and replays each recording on Twisted's own reactors."
        " The same seed makes the same program everywhere. A recording that Twisted contradicts is put into DIR/uncalibrated.",
        epilog="example: skeintrace generate --seed 1 --count 100 -o programs",
    )
    generate.add_argument("--seed", type=_seed, required=True, metavar="N", help="the first seed")
    generate.add_argument("--count", type=_count, default=1, metavar="K", help="how many seeds (default: 1)")
    generate.add_argument("-o", "--output", metavar="DIR", type=Path, required=True, help="folder for the programs and their traces")
    generate.add_argument("--reactor", type=_reactors, default=("epoll", "poll"), metavar="NAMES", help="calibrate on these: epoll, poll, select (default: epoll,poll)")
    generate.add_argument("--no-calibrate", action="store_true", help="record only")
    _add_checker(generate, required=False)
    generate.set_defaults(run=run_generate)

    shrink = subparsers.add_parser(
        "shrink",
        help="cut a program down that diverges on Swift",
        description="Takes parts out of the program of a seed as long as it still calibrates on Twisted's epoll and poll reactors and"
        " still diverges on Swift by the same rule. Writes DIR/seed-N-small.py and its trace.",
        epilog="example: skeintrace shrink --seed 17 -o small --check .build/debug/trace-replay",
    )
    shrink.add_argument("--seed", type=_seed, required=True, metavar="N", help="the program's seed")
    shrink.add_argument("-o", "--output", metavar="DIR", type=Path, required=True, help="folder for the small program and its trace")
    _add_checker(shrink, required=True)
    shrink.set_defaults(run=run_shrink)


def _add_checker(parser: argparse.ArgumentParser, required: bool) -> None:
    parser.add_argument("--check", metavar="PROGRAM", type=Path, required=required, help="the trace-replay that judges on Swift")


def _seed(text: str) -> int:
    return _number(text, 0, LARGEST)


def _count(text: str) -> int:
    return _number(text, 1, 1_000_000)


def _number(text: str, least: int, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, found {text!r}") from None
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"expected {least} to {most}, found {number}")
    return number


def _reactors(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    unknown = [name for name in names if name not in ("epoll", "poll", "select")]
    if unknown:
        raise argparse.ArgumentTypeError(f"expected names of epoll, poll and select with commas between, found {unknown[0]!r}")
    return names


def run_generate(args: argparse.Namespace) -> int:
    """`skeintrace generate`: the exit status is 1 when a program that calibrates diverges on Swift."""
    isolated = _begin()
    from .calibrate import Calibration
    from .campaign import Campaign
    from .swift import Checker, NotRun

    if args.no_calibrate and args.check:
        sys.stderr.write("skeintrace generate: --check judges only what calibrates: leave --no-calibrate out\n")
        return USAGE
    calibration = None if args.no_calibrate else Calibration(args.reactor, isolated)
    campaign = Campaign(args.output, calibration, Checker(args.check) if args.check else None)
    try:
        campaign.run(range(args.seed, args.seed + args.count))
    except (OSError, NotRun) as error:
        sys.stderr.write(f"skeintrace generate: {error}\n")
        return NOT_RUN
    finally:
        if calibration is not None:
            calibration.end()
    print("\n".join(campaign.table()))
    return 1 if campaign.diverges else 0


def run_shrink(args: argparse.Namespace) -> int:
    """`skeintrace shrink`: the exit status is 1 when the program shows nothing that could be kept."""
    isolated = _begin()
    from .calibrate import Calibration
    from .hunt import Hunt, NothingToShow
    from .swift import Checker, NotRun

    calibration = Calibration(("epoll", "poll"), isolated)
    try:
        with tempfile.TemporaryDirectory(prefix="skeintrace-") as folder:
            small = Hunt(args.seed, Path(folder), calibration, Checker(args.check)).run()
            print(f"written: {small.write(args.output)}")
    except NothingToShow as reason:
        sys.stderr.write(f"skeintrace shrink: {reason}\n")
        return 1
    except (OSError, NotRun) as error:
        sys.stderr.write(f"skeintrace shrink: {error}\n")
        return NOT_RUN
    finally:
        calibration.end()
    return 0


def _begin() -> bool:
    """In a network of one's own, where one can be made, no other program takes a port; what Twisted logs goes nowhere."""
    from ..record import namespace

    isolated = namespace.enter()
    from twisted.logger import globalLogBeginner

    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
    return isolated
