"""Packets: decoding them, verifying their checksums, and captures of them, beside plain C and twisted.pair."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import IO

from .counting import COUNTED, NOISE
from .errors import CannotRun
from .ratios import PAIRS_FOR_A_VERDICT, Spread, is_conclusive, pair_ratios
from .servers import HERE, pinned

PRODUCTS = {"c": "packets-c", "skein": "packets-skein"}


@dataclass(frozen=True)
class Task:
    """What is measured."""

    name: str
    packets: int
    """How many packets its capture has."""
    payload: int
    """The size of their payloads, in bytes."""
    what: str
    against_twisted: bool = False


TASKS = [
    Task("headers", 4096, 64, "Ethernet, IPv4 and UDP decoded, 64-byte payloads", against_twisted=True),
    Task("checksums", 1024, 1400, "the same with both checksums verified, 1400-byte payloads"),
    Task("read", 1_000_000, 32, "a capture of a million packets read"),
    Task("write", 1_000_000, 32, "a capture of a million packets written"),
]

LEAST = 0.9
"""What part of C's rate Skein promises of each task."""

TIMES_TWISTED = 50
"""How many times twisted.pair's rate Skein promises."""


def checksum(data: bytes) -> int:
    """The internet's checksum."""
    total = int.from_bytes(data + b"\0" * (len(data) % 2), "big") % 0xFFFF
    return 0xFFFF - total


def frame(number: int, payload: int) -> bytes:
    """A datagram over IPv4 over Ethernet, its checksums right."""
    data = bytes((number * 7 + place) & 255 for place in range(payload))
    source, destination = struct.pack("!BBH", 10, 1, number & 0xFFFF), struct.pack("!BBH", 10, 2, number * 3 & 0xFFFF)
    length = 8 + payload
    udp = struct.pack("!HHHH", 1024 + number % 60000, 7, length, 0) + data
    value = checksum(source + destination + struct.pack("!HH", 17, length) + udp) or 0xFFFF
    udp = udp[:6] + struct.pack("!H", value) + udp[8:]
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, number & 0xFFFF, 0, 64, 17, 0, source, destination)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return struct.pack("!HIHIH", 0x0200, number & 0xFFFF, 0x0200, number * 5 & 0xFFFF, 0x0800) + header + udp


def write_capture(path: Path, packets: int, payload: int) -> None:
    """A capture of the frames, which repeat after some thousand."""
    frames = [frame(number, payload) for number in range(min(packets, 4096))]
    with path.open("wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        for number in range(packets):
            data = frames[number % len(frames)]
            file.write(struct.pack("=IIII", 1_000_000_000, number % 1_000_000, len(data), len(data)) + data)


class Program:
    """A program with its packets loaded, which waits to be told how often to go through them."""

    def __init__(self, command: Sequence[str], core: int, environment: Mapping[str, str] | None = None) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=pinned(core),
            env=None if environment is None else dict(environment))

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None and self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def run(self, passes: int) -> tuple[int, int]:
        """Go through the packets some times: nanoseconds, and the digest of what was found."""
        commands, answers = self._pipes()
        commands.write(f"{passes}\n")
        commands.flush()
        line = answers.readline()
        if not line:
            raise CannotRun(f"{self._process.args} ended with status {self._process.wait()}")
        nanoseconds, digest = line.split()
        return int(nanoseconds), int(digest)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes():
            pipe.close()


@dataclass
class Measured:
    """What came out for one task."""

    task: Task
    ratios: dict[str, list[float]]
    rates: dict[str, float]
    """The median packets a second of each program."""
    allocations: float
    """Skein's allocations a packet."""
    digests: dict[str, int] = field(default_factory=dict)

    def spread(self, pair: str) -> Spread:
        """The spread of a pair's ratios."""
        return Spread.of(self.ratios[pair])

    @property
    def conclusive(self) -> bool:
        """Whether its control held."""
        return is_conclusive(self.spread("c/c"))


def commands(task: Task, built: Path, python: Path | None, folder: Path) -> dict[str, list[str]]:
    """The programs of a task, C twice."""
    arguments = [task.name, str(folder / f"{task.name}.pcap"), str(folder / "written.pcap")]
    found = {name: [str(built / PRODUCTS[name.split()[0]]), *arguments] for name in ("c", "skein", "c again")}
    if task.against_twisted and python:
        found["twisted"] = [str(python), str(HERE / "packets_twisted.py"), *arguments]
    return found


def measure(
    task: Task, programs: Mapping[str, Program], pairs: int, seconds: float, allocations: float,
    progress: Callable[[str], None],
) -> Measured:
    """Interleave the pairs: a round has each pair once, its slices side by side; each second round, the other first."""
    passes, digests = {}, {}
    for name, program in programs.items():
        program.run(1)
        nanoseconds, digests[name] = program.run(1)
        passes[name] = max(1, round(seconds * 1e9 / nanoseconds))
    if task.name != "write" and len({digest for name, digest in digests.items() if name != "twisted"}) != 1:
        raise CannotRun(f"{task.name}: the programs do not find the same in the packets: {digests}")
    if digests.get("twisted", task.packets) != task.packets:
        raise CannotRun(f"twisted.pair delivers {digests['twisted']} of {task.packets} datagrams")
    names = [("skein/c", "skein", "c"), ("c/c", "c again", "c")]
    if "twisted" in programs:
        names.append(("skein/twisted", "skein", "twisted"))
    rates: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name, _, _ in names}
    every: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(pairs):
        progress(f"{task.name}, pair {turn + 1} of {pairs}")
        for name, above, below in names:
            for program, side in [(above, 0), (below, 1)][:: -1 if turn % 2 else 1]:
                nanoseconds, _ = programs[program].run(passes[program])
                rate = task.packets * passes[program] / nanoseconds * 1e9
                rates[name][side].append(rate)
                every[program].append(rate)
    ratios = {name: pair_ratios(*sides) for name, sides in rates.items()}
    return Measured(task, ratios, {name: median(found) for name, found in every.items()}, allocations, digests)


def count_allocations(task: Task, command: Sequence[str], core: int, built: Path, folder: Path) -> float:
    """Allocations a packet, by the preloaded EchoCounters."""
    file = folder / "counters"
    environment = {"LD_PRELOAD": str(built / "libEchoCounters.so"), "ECHO_COUNTERS": str(file)}
    program = Program(command, core, environment)
    try:
        program.run(1)
        before = _allocations(file)
        program.run(2)
        return (_allocations(file) - before) / (2 * task.packets)
    finally:
        program.stop()


def _allocations(file: Path) -> int:
    counts: tuple[int, ...] = struct.unpack(f"={len(COUNTED)}Q", file.read_bytes())
    return counts[COUNTED.index("allocations")]


def run(
    tasks: Sequence[Task], built: Path, python: Path | None, folder: Path, core: int, pairs: int, seconds: float,
    progress: Callable[[str], None],
) -> list[Measured]:
    """Measure the tasks, one after the other."""
    found = []
    for task in tasks:
        progress(f"{task.name}: making its capture")
        write_capture(folder / f"{task.name}.pcap", task.packets, task.payload)
        lines = commands(task, built, python, folder)
        allocations = count_allocations(task, lines["skein"], core, built, folder)
        programs: dict[str, Program] = {}
        try:
            for name, command in lines.items():
                programs[name] = Program(command, core)
            found.append(measure(task, programs, pairs, seconds, allocations, progress))
        finally:
            for program in programs.values():
                program.stop()
        (folder / f"{task.name}.pcap").unlink()
    return found


def promises(found: Sequence[Measured], pairs: int) -> list[tuple[str, bool | None]]:
    """Each promise with what was found, and whether it is kept; `None` where that cannot be judged."""
    lines: list[tuple[str, bool | None]] = []
    for measured in found:
        judged = measured.conclusive and pairs >= PAIRS_FOR_A_VERDICT
        bounds = [("skein/c", LEAST)] + ([("skein/twisted", TIMES_TWISTED)] if "skein/twisted" in measured.ratios else [])
        for pair, least in bounds:
            ratio = measured.spread(pair).median
            lines.append((f"{measured.task.name}: {pair} at least {least:g}: {ratio:.3f}", ratio >= least if judged else None))
        kept = measured.allocations <= NOISE
        lines.append((f"{measured.task.name}: no allocation a packet: {measured.allocations:.4f}", kept))
    return lines


def rows(found: Sequence[Measured]) -> list[list[str]]:
    """The table, its heading first."""
    table = [["task", "skein/c", "c/c", "skein/twisted", "skein, packets/s", "c, packets/s", "allocations a packet"]]
    for measured in found:
        ratios = [
            str(measured.spread(pair)) if pair in measured.ratios else "" for pair in ("skein/c", "c/c", "skein/twisted")
        ]
        table.append([measured.task.what, *ratios, f"{measured.rates['skein']:,.0f}", f"{measured.rates['c']:,.0f}",
                      f"{measured.allocations:.4f}"])
    return table
