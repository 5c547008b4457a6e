"""The command `compare`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from ..format import FormatError
from ..pair.header import is_of_pair
from .compare import compare
from .freedoms import FREEDOMS
from .load import load
from .recording import RecordingError
from .verdict import escaped, report, summary


def add_parser(subparsers: Any) -> None:
    """Adds the command to the tool's."""
    parser = subparsers.add_parser(
        "compare",
        help="judge two recordings of one program",
        description="Judges recording B as a run of recording A, by the rules of replay. Nothing is run.",
        epilog="example: skeintrace compare epoll/echo.yaml poll/echo.yaml",
    )
    parser.add_argument("a", metavar="A", help="the recording that says what is expected")
    parser.add_argument("b", metavar="B", help="the recording that says what happened")
    parser.add_argument("--without", action="append", default=[], metavar="FREEDOM", choices=sorted(FREEDOMS), help="switch a freedom off")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """`skeintrace compare`: 0 when B agrees with A, 1 when it diverges, 3 when one of them cannot be read."""
    if is_of_pair(args.a) and is_of_pair(args.b):
        return _compare_pair(args)
    try:
        expected, happened = load(args.a), load(args.b)
    except (FormatError, RecordingError, OSError) as error:
        print(escaped(str(error)), file=sys.stderr)
        return 3
    verdict = compare(expected, happened, frozenset(args.without))
    print(json.dumps(summary(verdict, expected)) if args.json else report(verdict, expected))
    return 0 if verdict.agrees else 1


def _compare_pair(args: argparse.Namespace) -> int:
    from ..pair.compare import compare as compare_pair
    from ..pair.script import load as load_pair

    try:
        expected, happened = load_pair(args.a), load_pair(args.b)
    except (FormatError, OSError) as error:
        print(escaped(str(error)), file=sys.stderr)
        return 3
    found = compare_pair(expected, happened)
    difference = found.divergence
    if args.json:
        told = None if difference is None else {"kind": difference.kind, "n": difference.n, "text": difference.text}
        print(json.dumps({"agrees": difference is None, "events": found.count, "divergence": told}))
    elif difference is None:
        print(f"agrees: {args.b}: {found.count} events")
    else:
        print(f"diverges: {args.a}:{difference.line}: event {difference.n}: {difference.kind}: {escaped(difference.text)}")
    return 0 if difference is None else 1
