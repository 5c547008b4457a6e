"""System calls and allocations per round trip: counted inside the server, under load, by the preloaded EchoCounters."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from .measure import Load
from .servers import Programs, Server

COUNTED = ["reads", "writes", "polls", "registrations", "allocations"]
"""The counters, in the order in which `struct echo_counters` holds them."""

COUNTABLE = ["c", "skein", "libuv", "nio"]
"""The servers that it makes sense for: Python's allocator asks libc for little and keeps much."""

CONTROL = "c again"
"""The second process of the C server. What else is counted belongs to the program; how many connections a poll finds
ready depends on how server and load fall into step, so polls are judged only when C's agree with C's own."""

NOISE = 0.01
"""What a count may be off: a hundredth of a call a round trip, for the moments where a slice begins and ends."""

UNDER_LOAD = 50
"""From how many connections on a loop is under load, and should find several ready at each poll."""

Counts = Mapping[str, float]
"""What one round trip costs, by the counter's name."""


class CountedServer(Server):
    """An echo server that is counted."""

    def __init__(self, name: str, programs: Programs, core: int, folder: Path) -> None:
        """Start it with the counters preloaded."""
        self._file = folder / name
        library = programs.built / "libEchoCounters.so"
        command = programs.server("c" if name == CONTROL else name)
        environment = {"LD_PRELOAD": str(library), "ECHO_COUNTERS": str(self._file)}
        super().__init__(name, command, core, environment)

    def counters(self) -> list[int]:
        """What it has counted so far."""
        return list(struct.unpack(f"={len(COUNTED)}Q", self._file.read_bytes()))


def count(
    names: Sequence[str],
    connections: int,
    slices: int,
    seconds: float,
    size: int,
    cores: Sequence[int],
    programs: Programs,
) -> dict[str, Counts]:
    """Count each server's calls per round trip: the medians of several slices, interleaved between the servers.

    The C server is counted twice, in two processes: see `CONTROL`.
    """
    server_core, load_core = cores
    names = [*names, CONTROL]
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    servers: list[CountedServer] = []
    with TemporaryDirectory() as folder:
        try:
            servers.extend(CountedServer(name, programs, server_core, Path(folder)) for name in names)
            with Load(programs, load_core, connections, size, servers) as load:
                for index in range(len(servers)):
                    load.slice(index, seconds)  # once uncounted, to warm up
                for _ in range(slices):
                    for index, server in enumerate(servers):
                        before = server.counters()
                        total = load.slice(index, seconds).total
                        after = server.counters()
                        found[server.name].append([(b - a) / total for a, b in zip(before, after)])
        finally:
            for server in servers:
                server.stop()
    return {name: per_round_trip(samples) for name, samples in found.items()}


def per_round_trip(samples: Sequence[Sequence[float]]) -> Counts:
    """The median of each counter."""
    return {counter: median(column) for counter, column in zip(COUNTED, zip(*samples, strict=True), strict=True)}


PROMISES: dict[str, Callable[[Counts, Counts], bool]] = {
    "as many reads as C": lambda skein, c: abs(skein["reads"] - c["reads"]) <= NOISE,
    "as many writes as C": lambda skein, c: abs(skein["writes"] - c["writes"]) <= NOISE,
    "no allocation": lambda skein, c: skein["allocations"] <= NOISE,
    "no registration": lambda skein, c: skein["registrations"] <= NOISE,
}
"""What Skein promises of one round trip, beside C's."""

POLLS = "no more polls than C"
"""And what it promises under load, where one poll serves several connections."""


def polls_can_be_judged(counts: Mapping[str, Counts]) -> bool:
    """Whether the two C servers polled alike."""
    return abs(counts["c"]["polls"] - counts[CONTROL]["polls"]) <= NOISE


def broken(counts: Mapping[str, Counts], connections: int) -> list[str]:
    """The promises that Skein's counts break."""
    if "skein" not in counts:
        return []
    skein, c = counts["skein"], counts["c"]
    found = [name for name, holds in PROMISES.items() if not holds(skein, c)]
    if connections >= UNDER_LOAD and polls_can_be_judged(counts) and skein["polls"] > c["polls"] + NOISE:
        found.append(POLLS)
    return found


def rows(counts: Mapping[str, Counts]) -> list[list[str]]:
    """The table, its heading first: a row a server."""
    table = [["a round trip", *COUNTED]]
    return table + [[name, *(f"{found[counter]:.3f}" for counter in COUNTED)] for name, found in counts.items()]
