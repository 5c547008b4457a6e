"""The measurement: short slices of load, one server at a time, pairs interleaved."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO

from .errors import CannotRun
from .ratios import Spread, is_conclusive, pair_ratios
from .servers import Programs, Server, pinned
from .workloads import CONTROL, Workload


@dataclass(frozen=True)
class Slice:
    """What one server did in one slice."""

    rate: float
    """What the workload counts, a second."""
    busy: float
    """The part of the time in which the server's threads ran."""
    cost: float
    """Nanoseconds for which the server's threads ran, for each that was counted."""
    total: int
    """All that was done, with that of the moments before and after the counted time."""


class Programmed:
    """Programs that do by themselves what they are told: a slice is one run."""

    def __init__(self, size: int, servers: Sequence[Server]) -> None:
        """Take what a run consists of."""
        self._size = size
        self._servers = servers

    def slice(self, index: int, seconds: float) -> Slice:
        """Have one program make a run, however long that takes; the others idle."""
        server = self._servers[index]
        cpu = server.cpu_time()
        counted, nanoseconds, total = (int(word) for word in server.tell(str(self._size)).split())
        ran = server.cpu_time() - cpu
        return Slice(counted / nanoseconds * 1e9, ran / nanoseconds, ran / total, total)

    def __enter__(self) -> Programmed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class Load:
    """The load generator, connected to several servers."""

    def __init__(self, programs: Programs, core: int, workload: Workload, servers: Sequence[Server]) -> None:
        """Start it and wait until each server has answered on each connection."""
        self._servers = servers
        self._per = workload.per
        self._process = subprocess.Popen(
            [programs.load(workload.load or ""), str(workload.connections), str(workload.size), *(server.address for server in servers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=pinned(core),
        )
        self._expect_ready()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None and self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def _read_line(self) -> str:
        line = self._pipes()[1].readline()
        if not line:
            raise CannotRun(f"the load generator ended with status {self._process.wait()}")
        return line

    def _expect_ready(self) -> None:
        line = self._read_line()
        if line != "ready\n":
            raise CannotRun(f"the load generator should say 'ready', and said {line!r}")

    def slice(self, index: int, seconds: float) -> Slice:
        """Load one server for a slice; the others idle."""
        server = self._servers[index]
        cpu, began = server.cpu_time(), time.monotonic_ns()
        counted, nanoseconds, total = self._answer(f"{index} {seconds}")
        elapsed, ran = time.monotonic_ns() - began, server.cpu_time() - cpu
        rate, cost = counted / nanoseconds * 1e9 / self._per, ran / total * self._per
        return Slice(rate, ran / elapsed, cost, total)

    def step(self, index: int, batches: int) -> int:
        """Drive a counted server in lock step for some batches; gives the round trips."""
        return self._answer(f"{index} step {batches}")[2]

    def _answer(self, command: str) -> tuple[int, int, int]:
        commands, _ = self._pipes()
        commands.write(f"{command}\n")
        commands.flush()
        counted, nanoseconds, total = (int(word) for word in self._read_line().split())
        return counted, nanoseconds, total

    def __enter__(self) -> Load:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes():
            pipe.close()


@dataclass
class Result:
    """What was measured of one workload."""

    workload: Workload
    ratios: dict[str, list[float]]
    slices: dict[str, list[Slice]] = field(default_factory=dict)

    def spread(self, pair: str) -> Spread:
        """The spread of a pair's ratios."""
        return Spread.of(self.ratios[pair])

    @property
    def conclusive(self) -> bool:
        """Whether its control held."""
        return is_conclusive(self.spread(CONTROL))


@dataclass(frozen=True)
class Plan:
    """What a run is to do."""

    names: list[str]
    workloads: list[Workload]
    pairs: int
    slice: float
    server_core: int
    load_core: int


def measure(plan: Plan, programs: Programs, progress: Callable[[str], None]) -> list[Result]:
    """Run it, one workload after the other."""
    return [measure_workload(workload, plan, programs, progress) for workload in plan.workloads]


def measure_workload(
    workload: Workload, plan: Plan, programs: Programs, progress: Callable[[str], None]
) -> Result:
    """Measure one workload: all its servers are up throughout, and each idles except in its own slices."""
    servers: list[Server] = []
    try:
        for name in [*workload.among(plan.names), "control"]:
            command = programs.server("c" if name == "control" else name, workload)
            servers.append(Server(name, command, plan.server_core))
        loading = Load(programs, plan.load_core, workload, servers) if workload.load else Programmed(workload.size, servers)
        with loading as load:
            return interleave(workload, plan, load, progress)
    finally:
        for server in servers:
            server.stop()


def interleave(workload: Workload, plan: Plan, load: Load | Programmed, progress: Callable[[str], None]) -> Result:
    """Interleave the pairs: a round has each pair once, its slices side by side; each second round, the other first."""
    index = {name: position for position, name in enumerate([*workload.among(plan.names), "control"])}
    pairs = workload.pairs(plan.names)
    slices: dict[str, list[Slice]] = {name: [] for name in index}
    rates: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name, _, _ in pairs}
    for position in index.values():
        load.slice(position, plan.slice)  # once unmeasured, to warm up
    rounds = min(plan.pairs, workload.most_pairs)
    for turn in range(rounds):
        progress(f"{workload.name}, pair {turn + 1} of {rounds}")
        for name, above, below in pairs:
            for server, side in [(above, 0), (below, 1)][:: -1 if turn % 2 else 1]:
                taken = load.slice(index[server], plan.slice)
                slices[server].append(taken)
                rates[name][side].append(1e9 / taken.cost if workload.by_processor else taken.rate)
    return Result(workload, {name: pair_ratios(*sides) for name, sides in rates.items()}, slices)
