"""The commands that make captures: pcap, export."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ..cli import EXIT_AGREES, EXIT_NOT_RUN, EXIT_UNREADABLE, EXIT_USAGE
from ..format.cli import traces_at
from ..format.errors import FormatError
from ..format.reader import Trace
from .capture import CaptureError, UnwritableError
from .captures import captures, crossings_of, load, write_captures
from .pcap import saved
from .pcapng import write_pcapng

_Made = TypeVar("_Made")


def add_parser(subparsers: Any) -> None:
    """Adds this module's commands."""
    pcap = subparsers.add_parser(
        "pcap",
        help="write what crossed connections and devices as pcap files",
        description="Writes case.pcap for the connections of case.yaml, and case.tap0.pcap or case.tun0.pcap for each device.",
        epilog="example: skeintrace pcap Traces -o captures",
    )
    pcap.add_argument("paths", nargs="+", metavar="FILE", help="a trace, or a folder of *.yaml")
    where = pcap.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--out", metavar="OUT", help="a folder; what is in a folder keeps its path below it. A name that ends in .pcap is that of one trace's file")
    where.add_argument("--beside", action="store_true", help="put each beside its trace")
    pcap.add_argument("--quiet", "-q", action="store_true", help="print only the last line")
    pcap.set_defaults(run=_pcap)

    export = subparsers.add_parser(
        "export",
        help="write a trace in another tool's format",
        description="Writes one pcapng file in which every packet's comments name its events.",
        epilog="example: skeintrace export --pcapng case.yaml -o case.pcapng",
    )
    export.add_argument("path", metavar="FILE", help="a trace")
    export.add_argument("--pcapng", action="store_true", required=True, help="as pcapng")
    export.add_argument("-o", "--out", metavar="FILE", required=True, help="the file to write")
    export.set_defaults(run=_export)


def _pcap(options: argparse.Namespace) -> int:
    status, traces, files, size = EXIT_AGREES, 0, 0, 0
    names_a_file = not options.beside and options.out.endswith(".pcap")
    if names_a_file and (len(options.paths) > 1 or os.path.isdir(options.paths[0])):
        print(f"skeintrace pcap: {options.out} is one file: expected one trace", file=sys.stderr)
        return EXIT_USAGE
    for given in options.paths:
        for path in map(Path, traces_at([given])):
            traces += 1
            if names_a_file:
                stem = Path(options.out.removesuffix(".pcap"))
            else:
                stem = (path.parent if options.beside else Path(options.out) / _below(path, given)) / path.stem
            made, outcome = _guarded(path, lambda trace: write_captures(trace, stem))
            status = max(status, outcome)
            for file in made or []:
                files += 1
                size += file.stat().st_size
                if not options.quiet:
                    print(file)
    if not traces:
        print("no traces there", file=sys.stderr)
        return EXIT_USAGE
    print(f"{files} captures of {traces} traces, {size} bytes")
    return status


def _below(path: Path, given: str) -> Path:
    """The folder of a trace below the one that was given, so that what is made of a folder mirrors it."""
    return path.parent.relative_to(given) if os.path.isdir(given) else Path()


def _export(options: argparse.Namespace) -> int:
    def deed(trace: Trace) -> None:
        made = captures(trace)
        with saved(Path(options.out)) as file:
            write_pcapng(file, made, crossings_of(trace))

    return _guarded(Path(options.path), deed)[1]


def _guarded(path: Path, deed: Callable[[Trace], _Made]) -> tuple[_Made | None, int]:
    """What the deed gives and the exit status; what is wrong with the trace or the disk is one line on standard error."""
    try:
        trace = load(path)
        made = deed(trace)
        if not trace.truncated:
            return made, EXIT_AGREES
        print(f"{path}: the trace is cut off: there is no eof event", file=sys.stderr)
        return made, EXIT_UNREADABLE
    except UnwritableError as error:
        print(error, file=sys.stderr)
        return None, EXIT_NOT_RUN
    except CaptureError as error:
        print(f"{path}: {error}", file=sys.stderr)
    except FormatError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
    return None, EXIT_UNREADABLE
