"""The command line: `skeintrace COMMAND`. Each command's module adds its own parser, and is imported only when asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any, Callable, Sequence

Adder = Callable[[Any], None]

COMMANDS: dict[str, tuple[str, str]] = {
    "record": ("skeintrace.record.cli", "record any Twisted program"),
    "trial": ("skeintrace.record.cli", "record trial tests, one trace a test"),
    "generate": ("skeintrace.generate.cli", "write random programs, record and calibrate them"),
    "shrink": ("skeintrace.generate.cli", "cut a program down that diverges on Swift"),
    "replay": ("skeintrace.replay.cli", "replay traces on Twisted itself"),
    "compare": ("skeintrace.judge.cli", "judge two recordings of one program"),
    "validate": ("skeintrace.format.cli", "say whether files keep to the format"),
    "fmt": ("skeintrace.format.cli", "rewrite files in the canonical form"),
    "show": ("skeintrace.format.cli", "print the tree of a trace for people"),
    "pcap": ("skeintrace.capture.cli", "write what crossed connections and devices as pcap files"),
    "export": ("skeintrace.capture.cli", "write a trace in another tool's format"),
    "vocabulary": ("skeintrace.format.cli", "print the vocabulary as a table for another language"),
}
"""Each command with the module that has it: the module's `add_parser(subparsers)` adds the parsers of all its commands."""

EXIT_AGREES, EXIT_DIFFERS, EXIT_USAGE, EXIT_UNREADABLE, EXIT_NOT_RUN, EXIT_INTERNAL = 0, 1, 2, 3, 4, 70
"""What the exit status means, the same for every command and for trace-replay."""


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The whole parser, with the modules imported that the command needs; with all that are there for None."""
    from . import __version__

    parser = argparse.ArgumentParser(
        prog="skeintrace",
        description="Records, replays and judges traces of event-driven network programs.",
        epilog="exit status: 0 agrees, 1 differs, 2 bad usage, 3 unreadable trace, 4 could not run, 70 internal error",
    )
    parser.add_argument("--version", action="version", version=f"skeintrace {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    if command in COMMANDS:
        modules = [COMMANDS[command][0]]
    else:
        modules = list(dict.fromkeys(module for module, _ in COMMANDS.values()))
    for module in modules:
        try:
            add: Adder = importlib.import_module(module).add_parser
        except ModuleNotFoundError as error:
            if command in COMMANDS:
                parser.exit(EXIT_NOT_RUN, f"skeintrace {command}: needs the Python package {error.name}\n")
            continue  # the help lists what can run here
        add(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    options = build_parser(command).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)
