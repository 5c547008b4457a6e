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

CONTROL = "c/c"
"""The pair of the C server with a second process of the same program."""


@dataclass(frozen=True)
class Slice:
    """What one server did in one slice."""

    rate: float
    """Round trips a second."""
    busy: float
    """The part of the time in which the server's threads ran."""
    cost: float
    """Nanoseconds for which the server's threads ran, a round trip."""
    total: int
    """All round trips, with those before and after the counted time."""


class Load:
    """The load generator, connected to several servers."""

    def __init__(self, programs: Programs, core: int, connections: int, size: int, servers: Sequence[Server]) -> None:
        """Start it and wait until each server has echoed one message on each connection."""
        self._servers = servers
        ports = [str(server.port) for server in servers]
        self._process = subprocess.Popen(
            [*programs.load(), str(connections), str(size), *ports],
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
        commands, _ = self._pipes()
        commands.write(f"{index} {seconds}\n")
        commands.flush()
        counted, nanoseconds, total = (int(word) for word in self._read_line().split())
        elapsed, ran = time.monotonic_ns() - began, server.cpu_time() - cpu
        return Slice(counted / nanoseconds * 1e9, ran / elapsed, ran / total, total)

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
    """What was measured at one number of connections."""

    connections: int
    ratios: dict[str, list[float]]
    slices: dict[str, list[Slice]] = field(default_factory=dict)

    def spread(self, pair: str) -> Spread:
        """The spread of a pair's ratios."""
        return Spread.of(self.ratios[pair])

    @property
    def conclusive(self) -> bool:
        """Whether its control held."""
        return is_conclusive(self.spread(CONTROL))


def pairs_of(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """The pairs to measure: name of the pair, server above, server below."""
    pairs = [(f"{name}/c", name, "c") for name in names if name != "c"]
    if "skein" in names and "nio" in names:
        pairs.append(("skein/nio", "skein", "nio"))
    pairs.append((CONTROL, "control", "c"))
    return pairs


@dataclass(frozen=True)
class Plan:
    """What a run is to do."""

    names: list[str]
    connections: list[int]
    pairs: int
    slice: float
    size: int
    server_core: int
    load_core: int


def measure(plan: Plan, programs: Programs, progress: Callable[[str], None]) -> list[Result]:
    """Run it: all servers are up throughout, and each idles except in its own slices."""
    servers: list[Server] = []
    try:
        for name in [*plan.names, "control"]:
            command = programs.server("c" if name == "control" else name)
            servers.append(Server(name, command, plan.server_core))
        return [measure_at(count, plan, programs, servers, progress) for count in plan.connections]
    finally:
        for server in servers:
            server.stop()


def measure_at(
    connections: int, plan: Plan, programs: Programs, servers: Sequence[Server], progress: Callable[[str], None]
) -> Result:
    """Interleave the pairs: a round has each pair once, its slices side by side; each second round, the other first."""
    index = {server.name: position for position, server in enumerate(servers)}
    pairs = pairs_of(plan.names)
    slices: dict[str, list[Slice]] = {name: [] for name in index}
    rates: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name, _, _ in pairs}
    with Load(programs, plan.load_core, connections, plan.size, servers) as load:
        for position in index.values():
            load.slice(position, plan.slice)  # once unmeasured, to warm up
        for turn in range(plan.pairs):
            progress(f"{connections} connections, pair {turn + 1} of {plan.pairs}")
            for name, above, below in pairs:
                for server, side in [(above, 0), (below, 1)][:: -1 if turn % 2 else 1]:
                    taken = load.slice(index[server], plan.slice)
                    slices[server].append(taken)
                    rates[name][side].append(taken.rate)
    return Result(connections, {name: pair_ratios(*sides) for name, sides in rates.items()}, slices)
