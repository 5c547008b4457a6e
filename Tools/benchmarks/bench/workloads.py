"""What is measured: a line a workload, and what Skein promises of each."""

from __future__ import annotations

from dataclasses import dataclass

from .ratios import Promise

PEERS = ("c", "skein", "libuv", "nio", "twisted")
"""The servers, in the order of the table; `c` is what the others are measured beside."""


@dataclass(frozen=True)
class Workload:
    """One line of the table."""

    name: str
    what: str
    connections: int
    size: int
    """Bytes of a message."""
    beside: tuple[str, ...] = ()
    """The peers that Skein is paired with besides C."""
    program: str = "echo"
    """What the servers do: the first part of their programs' names."""
    load: str = "echo-load"
    """The program that loads them."""
    unit: str = "round trips"
    """What is counted."""

    def pairs(self, names: list[str]) -> list[tuple[str, str, str]]:
        """The pairs to measure among some servers: name of the pair, server above, server below."""
        found = [(f"{name}/c", name, "c") for name in names if name != "c"]
        if "skein" in names:
            found += [(f"skein/{name}", "skein", name) for name in self.beside if name in names]
        return [*found, (CONTROL, "control", "c")]


CONTROL = "c/c"
"""The pair of the C server with a second process of the same program."""

WORKLOADS = [
    Workload("echo-1", "echo, 1 connection, 64 B", 1, 64, ("nio",)),
    Workload("echo-50", "echo, 50 connections, 64 B", 50, 64, ("nio",)),
    Workload("echo-500", "echo, 500 connections, 64 B", 500, 64, ("nio",)),
    Workload("echo-4k", "echo, 50 connections, 4 KiB", 50, 4096, ("libuv", "nio")),
]
"""Every workload, in the order of the table."""

PROMISES = [
    *(Promise("skein/c", name, median=0.95, interval=0.92) for name in ("echo-50", "echo-500")),
    *(Promise("skein/nio", name, median=1.25) for name in ("echo-50", "echo-500")),
    Promise("skein/libuv", "echo-4k", interval=0.92),
]
"""What a run judges when it measured what it is about."""
