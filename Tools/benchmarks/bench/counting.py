"""What a round trip costs a server in lock step: calls and allocations, by the preloaded EchoCounters; instructions."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import CannotRun
from .measure import Load
from .servers import Programs, Server
from .workloads import RECORDED, Workload

COUNTED = ["reads", "writes", "polls", "registrations", "allocations"]
"""The counters, in the order in which `struct echo_counters` holds them."""

SHUT = 8 * len(COUNTED)
"""Where the gate's `shut` is, behind the counters."""

INSTRUCTIONS = "instructions"
"""The column of the instructions in user space, which valgrind counts."""

COUNTABLE = ["c", "skein", "libuv", "nio"]
"""The servers that it makes sense for: Python's allocator asks libc for little and keeps much."""

OTHERS = [RECORDED]
"""What can be counted besides."""

WARM_UP = 20
"""How many batches come before those that are counted."""

NOISE = 0.01
"""What a count may be off: a hundredth of a call a round trip, for what happens once in a while."""

UNDER_LOAD = 50
"""From how many connections on one poll serves several of them."""

Counts = dict[str, float]
"""What one round trip costs, by the counter's name."""


class CountedServer(Server):
    """An echo server that is counted."""

    def __init__(
        self, name: str, command: Sequence[str], programs: Programs, core: int, folder: Path
    ) -> None:
        """Start it with the counters preloaded."""
        self._file = folder / f"{name}.counters"
        library = programs.built / "libEchoCounters.so"
        super().__init__(name, list(command), core, {"LD_PRELOAD": str(library), "ECHO_COUNTERS": str(self._file)})

    @property
    def address(self) -> str:
        """Its port and its counters, behind which is the gate."""
        return f"{self.greeting}:{self._file}"

    def end(self) -> None:
        """Ask it to end, which it can only when its gate is not shut."""
        with self._file.open("r+b") as file:
            file.seek(SHUT)
            file.write(struct.pack("=I", 0))
        super().end()

    def counters(self) -> list[int]:
        """What it has counted so far."""
        return list(struct.unpack_from(f"={len(COUNTED)}Q", self._file.read_bytes()))


def count(
    names: Sequence[str], workload: Workload, batches: int, cores: Sequence[int], programs: Programs
) -> dict[str, Counts]:
    """Count each server's calls per round trip."""
    server_core, load_core = cores
    found: dict[str, Counts] = {}
    with TemporaryDirectory() as folder:
        for name in names:
            server = CountedServer(name, programs.server(name, workload), programs, server_core, Path(folder))
            try:
                with Load(programs, load_core, workload, [server]) as load:
                    load.step(0, WARM_UP)
                    before = server.counters()
                    total = load.step(0, batches)
                    after = server.counters()
            finally:
                server.stop()
            found[name] = {counter: (b - a) / total for counter, a, b in zip(COUNTED, before, after)}
    return found


def instructions(
    names: Sequence[str], workload: Workload, batches: int, cores: Sequence[int], programs: Programs
) -> dict[str, float]:
    """Count each server's instructions in user space per round trip: two runs under valgrind, one longer than the other."""
    if not (shutil.which("valgrind") and shutil.which("objcopy")):
        raise CannotRun("valgrind and objcopy are needed to count instructions: sudo apt-get install valgrind binutils")
    return {
        name: (
            _executed(name, workload, WARM_UP + batches, cores, programs)
            - _executed(name, workload, WARM_UP, cores, programs)
        )
        / (batches * workload.connections)
        for name in names
    }


def _executed(name: str, workload: Workload, batches: int, cores: Sequence[int], programs: Programs) -> int:
    """The instructions of one run of a server, from its start to its end."""
    with TemporaryDirectory() as folder:
        log, bare = Path(folder) / "log", Path(folder) / name
        program, *arguments = programs.server(name, workload)
        # Without debugging information, of which valgrind does not understand Swift's.
        subprocess.run(["objcopy", "--strip-debug", program, str(bare)], check=True)
        valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log}"]
        server = CountedServer(name, [*valgrind, str(bare), *arguments], programs, cores[0], Path(folder))
        try:
            with Load(programs, cores[1], workload, [server]) as load:
                load.step(0, batches)
            server.end()
        finally:
            server.stop()
        collected = re.search(r"Collected : (\d+)", log.read_text())
        if not collected:
            raise CannotRun(f"valgrind did not say what the {name} server executed: {log.read_text()}")
        return int(collected[1])


PROMISES: dict[str, Callable[[Counts, Counts, int], bool]] = {
    "as many reads as C": lambda skein, c, connections: abs(skein["reads"] - c["reads"]) <= NOISE,
    "as many writes as C": lambda skein, c, connections: abs(skein["writes"] - c["writes"]) <= NOISE,
    "no allocation": lambda skein, c, connections: skein["allocations"] <= NOISE,
    "no registration": lambda skein, c, connections: skein["registrations"] <= NOISE,
    "polls at most C's + 0.1 under load, + 1 else": lambda skein, c, connections: (
        skein["polls"] <= c["polls"] + (0.1 if connections >= UNDER_LOAD else 1) + NOISE
    ),
}
"""What Skein promises of one round trip, beside C's."""


def broken(counts: Mapping[str, Counts], connections: int) -> list[str]:
    """The promises that Skein's counts break."""
    if "skein" not in counts:
        return []
    return [name for name, holds in PROMISES.items() if not holds(counts["skein"], counts["c"], connections)]


def rows(counts: Mapping[str, Counts]) -> list[list[str]]:
    """The table, its heading first: a row a server."""
    columns = [*COUNTED, *([INSTRUCTIONS] if any(INSTRUCTIONS in found for found in counts.values()) else [])]
    table = [["a round trip", *columns]]
    for name, found in counts.items():
        table.append([name, *(f"{found[column]:{',.0f' if column == INSTRUCTIONS else '.3f'}}" for column in columns)])
    return table
