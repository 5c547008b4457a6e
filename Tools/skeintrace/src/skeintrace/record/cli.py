"""The commands `record` and `trial`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator

if TYPE_CHECKING:
    from .outcome import Outcome

USAGE, NOT_RUN = 2, 4


def add_parser(subparsers: Any) -> None:
    """Adds the two commands to the tool's."""
    record = subparsers.add_parser(
        "record",
        help="record any Twisted program",
        description="Runs a program and records what crosses between it and Twisted's reactor. The exit status is the program's.",
        epilog="example: skeintrace record -o traces -- server.py --port 8080",
    )
    record.add_argument("-o", "--output", metavar="DIR", type=Path, required=True, help="folder for the trace")
    record.add_argument("--pair", action="store_true", help="record what crosses at the boundaries of twisted.pair, in place of the reactor's")
    record.add_argument("--pcap", action="store_true", help="write what crossed connections and devices beside the trace, as pcap files")
    record.add_argument("command_line", nargs=argparse.REMAINDER, metavar="-- SCRIPT [ARGS]", help="or -- -m MODULE [ARGS]")
    record.set_defaults(run=run_record)

    trial = subparsers.add_parser(
        "trial",
        help="record trial tests, one trace a test",
        description="Runs tests and records each, in a network namespace. Reactor tests are recorded inside their method; those of"
        " twisted.pair whole, with the devices that they need.",
        epilog="example: skeintrace trial -o traces twisted.internet.test.test_tcp",
    )
    trial.add_argument("-o", "--output", metavar="DIR", type=Path, help="folder for the traces")
    trial.add_argument("--reactor", choices=("epoll", "poll", "select"), default="epoll", help="default: %(default)s")
    trial.add_argument("--only", default="", metavar="REGEX", help="only tests whose id matches")
    trial.add_argument("--manifest", metavar="FILE", type=Path, help="list every selected test with what became of it")
    trial.add_argument("--buffers", metavar="SEND,RECEIVE", type=_buffers, help="fix the sockets' buffers, in bytes")
    trial.add_argument("--pcap", action="store_true", help="write what crossed connections and devices beside each trace, as pcap files")
    trial.add_argument("tests", nargs="+", metavar="TEST", help="what trial takes: a module, class or method by its dotted name")
    trial.set_defaults(run=run_trial)


def _buffers(text: str) -> tuple[int, int]:
    send, _, receive = text.partition(",")
    return int(send), int(receive or send)


def run_record(args: argparse.Namespace) -> int:
    """`skeintrace record`."""
    words = [word for index, word in enumerate(args.command_line) if not (index == 0 and word == "--")]
    if not words or words == ["-m"]:
        sys.stderr.write("skeintrace record: no program is named: give it behind --\n")
        return USAGE
    # The program may go elsewhere.
    output = args.output.resolve()
    path, status = (_record_pair if args.pair else _record_reactor)(words, output)
    if path is None:
        return status or NOT_RUN
    return status or int(args.pcap and not _captured(path))


def _record_reactor(words: list[str], output: Path) -> tuple[Path | None, int]:
    """Where the trace is, if there is one, and the exit status."""
    from .program import Program

    program = Program(words, output)
    status = program.run()
    for fault in program.recorder.faults[:1]:
        sys.stderr.write(fault)
    if program.recorder.journal.count == 0:
        sys.stderr.write("skeintrace record: the program made no reactor, so nothing was recorded\n")
        return None, status
    return program.path, status


def _record_pair(words: list[str], output: Path) -> tuple[Path | None, int]:
    """Where the trace is, if there is one, and the exit status."""
    from ..pair.program import Program

    program = Program(words, output)
    status = program.run()
    for fault in program.recorder.faults:
        sys.stderr.write(fault + "\n")
    if program.recorder.journal.count == 0:
        sys.stderr.write("skeintrace record: the program uses nothing of twisted.pair, so nothing was recorded\n")
        return None, status
    return program.path, status or int(bool(program.recorder.faults))


def _captured(path: Path) -> bool:
    """Writes the captures of a trace beside it; whether that went well."""
    from ..capture.capture import CaptureError
    from ..capture.captures import load, write_captures
    from ..format.errors import FormatError

    try:
        write_captures(load(path), path.with_suffix(""))
    except (CaptureError, FormatError) as error:
        sys.stderr.write(f"{path}: no captures: {error}\n")
        return False
    return True


def run_trial(args: argparse.Namespace) -> int:
    """`skeintrace trial`."""
    if args.output is None and args.manifest is None:
        sys.stderr.write("skeintrace trial: nothing to write: give -o DIR or --manifest FILE\n")
        return USAGE
    from . import namespace

    isolated = namespace.enter()
    from . import manifest

    args.output = None if args.output is None else args.output.resolve()
    is_pair = all(name.startswith("twisted.pair") for name in args.tests)
    recorded = _of_pair(args, isolated) if is_pair else _of_reactor(args)
    listed = None if args.manifest is None else args.manifest.resolve()
    sys.path.insert(0, os.getcwd())
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="skeintrace-") as folder:
        before = os.getcwd()
        os.chdir(folder)
        for outcome in recorded:
            outcomes.append(outcome)
            why = f"  ({outcome.why})" if outcome.why else ""
            print(f"{outcome.state:16} {outcome.events:5}  {outcome.case}{why}", flush=True)
            for fault in outcome.faults[:1]:
                sys.stderr.write(fault)
        os.chdir(before)
    traces = [outcome.path for outcome in outcomes if outcome.path is not None and outcome.state == "traced"]
    without = [path for path in traces if args.pcap and not _captured(path)]
    if listed is not None:
        manifest.write(listed, outcomes, "part: pair" if is_pair else f"reactor: {args.reactor}")
    if not outcomes:
        sys.stderr.write("skeintrace trial: no test was selected\n")
        return USAGE
    traced = sum(outcome.state == "traced" for outcome in outcomes)
    print(f"{traced} of {len(outcomes)} tests traced")
    return 1 if without or any(outcome.state == "failed" or outcome.faults for outcome in outcomes) else 0


def _of_reactor(args: argparse.Namespace) -> Iterator[Outcome]:
    from .trial import record

    return record(args.tests, args.output, args.reactor, args.only, args.buffers)


def _of_pair(args: argparse.Namespace, isolated: bool) -> Iterator[Outcome]:
    from ..pair import trial, world

    devices = isolated and world.prepare()
    if not devices:
        sys.stderr.write("skeintrace trial: the devices cannot be made here, so the tests of real ones do not run\n")
    return trial.record(args.tests, args.output, args.only, devices)
