"""Traces: reading and writing them beside libyaml in C and PyYAML's C loader, and the memory that reading needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from .build import ROOT
from .errors import CannotRun
from .packets import Program
from .ratios import PAIRS_FOR_A_VERDICT, Spread, is_conclusive, pair_ratios
from .servers import HERE

PRODUCTS = {"c": "traces-c", "skein": "traces-skein"}

TASKS = {"read": "a trace read", "write": "its events written"}

EVENTS = 10_000
"""How many events the trace has that is measured."""

MEMORY_AT = [10_000, 100_000, 1_000_000]
"""How many events the traces have whose reading's memory is measured."""

LEAST = 1.0
"""What part of a bare libyaml loop's rate Skein promises to read at."""

TIMES_PYYAML = 10
"""How many times the rate of PyYAML's C loader Skein promises to read at."""

FLAT = 1.1
"""What the peak memory at the most events may be of that at the fewest."""

HEADER = """\
format: skein-trace
version: 1
features: [pair, reactor]
title: "the corpus, again and again"
case: "benchmark/traces"
producer: {name: twisted, version: "26.10.0", runtime: "CPython 3.11.7", reactor: epoll, platform: "linux x86_64"}
started: "2026-11-28T00:00:00Z"
"""


def corpus() -> list[list[str]]:
    """The lines of the corpus's traces, those with runs of bytes left out: expanding them is no reading."""
    found = []
    for path in sorted((ROOT / "Traces").rglob("*.yaml")):
        text = path.read_text()
        if text.startswith("format: skein-trace") and "{repeat: " not in text:
            lines = [line for line in text.splitlines(keepends=True) if line.startswith("--- {")]
            found.append([line for line in lines if not line.startswith("--- {eof:")])
    if not found:
        raise CannotRun("there are no traces in Traces/")
    return found


def renumbered(line: str, by: int) -> str:
    """An event whose numbers, and those of the events that it names, are higher."""
    line = re.sub(r"^--- \{(n|end): (\d+)", lambda found: f"--- {{{found[1]}: {int(found[2]) + by}", line)
    line = re.sub(r"^(--- \{n: \d+, in: )(\d+)", lambda found: f"{found[1]}{int(found[2]) + by}", line)
    return re.sub(r"( after: \[)([\d, ]+)\]", lambda found: found[1] + ", ".join(
        str(int(number) + by) for number in found[2].split(", ")) + "]", line, count=1)


def write_trace(path: Path, events: int) -> None:
    """A trace of the corpus's events, one trace after the other, as often as it takes, numbered through."""
    traces, lines, last = corpus(), 0, 0
    with path.open("w") as file:
        file.write(HEADER)
        while lines < events:
            for trace in traces:
                for line in trace:
                    file.write(renumbered(line, last))
                lines += len(trace)
                last += sum(line.startswith("--- {n: ") for line in trace)
                if lines >= events:
                    break
        file.write(f"--- {{eof: {{events: {last}, open: 0, lost: 0}}}}\n")


class TraceProgram(Program):
    """A program that reads or writes a trace."""

    def peak_memory(self) -> int:
        """The most memory that it has had so far, in bytes."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise CannotRun("/proc/PID/status has no VmHWM")


@dataclass
class Measured:
    """What came out for one task."""

    task: str
    ratios: dict[str, list[float]]
    rates: dict[str, float] = field(default_factory=dict)
    """The median events a second of each program."""

    def spread(self, pair: str) -> Spread:
        """The spread of a pair's ratios."""
        return Spread.of(self.ratios[pair])

    @property
    def conclusive(self) -> bool:
        """Whether its control held."""
        return is_conclusive(self.spread("c/c"))


def commands(task: str, trace: Path, built: Path, python: Path) -> dict[str, list[str]]:
    """The programs of a task, C twice."""
    found = {name: [str(built / PRODUCTS[name.split()[0]]), task, str(trace)] for name in ("c", "skein", "c again")}
    if task == "read":
        found["pyyaml"] = [str(python), str(HERE / "traces_pyyaml.py"), task, str(trace)]
    return found


def measure(
    task: str, programs: Mapping[str, Program], pairs: int, seconds: float, progress: Callable[[str], None]
) -> Measured:
    """Interleave the pairs: a round has each pair once, its slices side by side; each second round, the other first."""
    passes, counts = {}, {}
    for name, program in programs.items():
        program.run(1)
        nanoseconds, counts[name] = program.run(1)
        passes[name] = max(1, round(seconds * 1e9 / nanoseconds))
    if len(set(counts.values())) != 1:
        raise CannotRun(f"{task}: the programs do not find as many events: {counts}")
    names = [("skein/c", "skein", "c"), ("c/c", "c again", "c")]
    if "pyyaml" in programs:
        names.append(("skein/pyyaml", "skein", "pyyaml"))
    rates: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name, _, _ in names}
    every: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(pairs):
        progress(f"{task}, pair {turn + 1} of {pairs}")
        for name, above, below in names:
            for one, side in [(above, 0), (below, 1)][:: -1 if turn % 2 else 1]:
                nanoseconds, count = programs[one].run(passes[one])
                rate = count * passes[one] / nanoseconds * 1e9
                rates[name][side].append(rate)
                every[one].append(rate)
    ratios = {name: pair_ratios(*sides) for name, sides in rates.items()}
    return Measured(task, ratios, {name: median(rated) for name, rated in every.items()})


def run(
    tasks: Sequence[str], built: Path, python: Path, folder: Path, core: int, pairs: int, seconds: float,
    progress: Callable[[str], None],
) -> list[Measured]:
    """Measure the tasks, one after the other, on the same trace."""
    trace = folder / "trace.yaml"
    write_trace(trace, EVENTS)
    found = []
    for task in tasks:
        programs: dict[str, Program] = {}
        try:
            for name, command in commands(task, trace, built, python).items():
                programs[name] = TraceProgram(command, core)
            found.append(measure(task, programs, pairs, seconds, progress))
        finally:
            for program in programs.values():
                program.stop()
    trace.unlink()
    return found


def memory(built: Path, folder: Path, core: int, progress: Callable[[str], None]) -> dict[int, dict[str, int]]:
    """The peak memory of reading traces of more and more events: Skein's and C's, in bytes."""
    found: dict[int, dict[str, int]] = {}
    for events in MEMORY_AT:
        progress(f"memory at {events:,} events")
        trace = folder / "trace.yaml"
        write_trace(trace, events)
        found[events] = {}
        for name, product in PRODUCTS.items():
            program = TraceProgram([str(built / product), "read", str(trace)], core)
            try:
                program.run(1)
                found[events][name] = program.peak_memory()
            finally:
                program.stop()
        trace.unlink()
    return found


def promises(
    found: Sequence[Measured], peaks: Mapping[int, Mapping[str, int]], pairs: int
) -> list[tuple[str, bool | None]]:
    """Each promise with what was found, and whether it is kept; `None` where that cannot be judged."""
    lines: list[tuple[str, bool | None]] = []
    for measured in found:
        judged = measured.conclusive and pairs >= PAIRS_FOR_A_VERDICT
        bounds = [("skein/c", LEAST), ("skein/pyyaml", TIMES_PYYAML)] if measured.task == "read" else []
        for pair, least in bounds:
            ratio = measured.spread(pair).median
            lines.append((f"{measured.task}: {pair} at least {least:g}: {ratio:.3f}", ratio >= least if judged else None))
    if peaks:
        fewest, most = peaks[min(peaks)]["skein"], peaks[max(peaks)]["skein"]
        lines.append((f"memory at {max(peaks):,} events at most {FLAT:g} of that at {min(peaks):,}: {most / fewest:.3f}",
                      most <= FLAT * fewest))
    return lines


def rows(found: Sequence[Measured]) -> list[list[str]]:
    """The table of rates, its heading first."""
    table = [["task", "skein/c", "c/c", "skein/pyyaml", "skein, events/s", "c, events/s"]]
    for measured in found:
        ratios = []
        for pair in ("skein/c", "c/c", "skein/pyyaml"):
            spread = measured.spread(pair) if pair in measured.ratios else None
            ratios.append(f"{spread.median:.3f} ({spread.low:.3f}–{spread.high:.3f})" if spread else "")
        table.append([TASKS[measured.task], *ratios, f"{measured.rates['skein']:,.0f}", f"{measured.rates['c']:,.0f}"])
    return table


def memory_rows(peaks: Mapping[int, Mapping[str, int]]) -> list[list[str]]:
    """The table of memory, its heading first."""
    table = [["peak memory of reading", *(f"{events:,} events" for events in peaks)]]
    for name in PRODUCTS:
        table.append([name, *(f"{found[name] / 1024:,.0f} KiB" for found in peaks.values())])
    return table
