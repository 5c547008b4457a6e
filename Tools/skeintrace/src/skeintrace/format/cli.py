"""The commands that need nothing but the format: validate, fmt, show, vocabulary."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator

from ..cli import EXIT_AGREES, EXIT_DIFFERS, EXIT_UNREADABLE, EXIT_USAGE
from .errors import FormatError
from .fold import fmt_file
from .reader import Reader
from .schema import schema_text
from .show import show_file
from .swift import swift_tables
from .validate import validate


def add_parser(subparsers: Any) -> None:
    """Adds this module's commands."""
    check = subparsers.add_parser(
        "validate",
        help="say whether files keep to the format",
        description="Judges each trace by every rule of the format; prints the first broken one of each.",
        epilog="example: skeintrace validate Traces",
    )
    check.add_argument("paths", nargs="+", metavar="PATH", help="a trace, or a folder of *.yaml")
    check.add_argument("--quiet", "-q", action="store_true", help="say nothing of the good ones")
    check.set_defaults(run=_validate)

    rewrite = subparsers.add_parser(
        "fmt",
        help="rewrite files in the canonical form",
        description="Rewrites each trace in place, in the canonical form: what was closed with nothing inside becomes one line.",
        epilog="example: skeintrace fmt --check Traces",
    )
    rewrite.add_argument("paths", nargs="+", metavar="PATH", help="a trace, or a folder of *.yaml")
    rewrite.add_argument("--check", action="store_true", help="only say which would change; exit status 1 if any")
    rewrite.set_defaults(run=_fmt)

    show = subparsers.add_parser(
        "show", help="print the tree of a trace for people", epilog="example: skeintrace show case.yaml"
    )
    show.add_argument("paths", nargs="+", metavar="PATH", help="a trace, or a folder of *.yaml")
    show.set_defaults(run=_show)

    table = subparsers.add_parser("vocabulary", help="print the vocabulary as a table for another language")
    forms = table.add_mutually_exclusive_group(required=True)
    forms.add_argument("--swift", action="store_true", help="as the Swift source of the reader's tables")
    forms.add_argument("--schema", action="store_true", help="as the JSON Schema of a trace's documents")
    table.set_defaults(run=_vocabulary)


#: What stands beside traces in a corpus: what became of each test, the divergences that are kept, and the rules that traces show.
LISTS = frozenset({"manifest.yaml", "kept.yaml", "rules.yaml"})


def traces_at(paths: list[str]) -> Iterator[str]:
    """The files that the paths name: a folder stands for the `*.yaml` in it, at any depth, sorted. The lists beside
    traces, which are YAML but no traces, are left out by name."""
    for path in paths:
        if os.path.isdir(path):
            for found in sorted(Path(path).rglob("*.yaml")):
                if found.name not in LISTS:
                    yield str(found)
        else:
            yield path


def _each(paths: list[str], deed: Callable[[str], int]) -> int:
    status = EXIT_AGREES
    count = 0
    for path in traces_at(paths):
        count += 1
        try:
            status = max(status, deed(path))
        except (FormatError, OSError) as error:
            reason = error if isinstance(error, FormatError) else f"{path}: {error.strerror}"
            print(reason, file=sys.stderr)
            status = EXIT_UNREADABLE
    if not count:
        print("no traces there", file=sys.stderr)
        return EXIT_USAGE
    return status


def _validate(options: argparse.Namespace) -> int:
    def deed(path: str) -> int:
        events = validate(path)
        if not options.quiet:
            print(f"{path}: {events} events")
        return EXIT_AGREES

    return _each(options.paths, deed)


def _fmt(options: argparse.Namespace) -> int:
    def deed(path: str) -> int:
        with open(path, "rb") as file, tempfile.TemporaryFile() as rewritten:
            fmt_file(Reader(file, path), rewritten)
            file.seek(0)
            rewritten.seek(0)
            while (old := file.read(65536)) == (new := rewritten.read(65536)):
                if not new:
                    return EXIT_AGREES
            if options.check:
                print(f"{path}: not in the canonical form")
                return EXIT_DIFFERS
            rewritten.seek(0)
            with open(path + ".part", "wb") as part:
                while chunk := rewritten.read(65536):
                    part.write(chunk)
            os.replace(path + ".part", path)
        print(f"{path}: rewritten")
        return EXIT_AGREES

    return _each(options.paths, deed)


def _show(options: argparse.Namespace) -> int:
    def deed(path: str) -> int:
        with open(path, "rb") as file:
            for line in show_file(Reader(file, path)):
                print(line)
        return EXIT_AGREES

    return _each(options.paths, deed)


def _vocabulary(options: argparse.Namespace) -> int:
    sys.stdout.write(swift_tables() if options.swift else schema_text())
    return EXIT_AGREES
