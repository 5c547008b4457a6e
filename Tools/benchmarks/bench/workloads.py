"""What is measured: a line a workload, and what Skein promises of each."""

from __future__ import annotations

from collections.abc import Sequence
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
    arguments: tuple[str, ...] = ()
    """What the servers are told."""
    load: str | None = "echo-load"
    """The program that loads them; `None` for programs that do by themselves what they are told."""
    unit: str = "round trips"
    """What is counted."""
    per: int = 1
    """How much of what the load counts is one of the unit."""
    by_processor: bool = False
    """Whether ratios are of what is done in a second of the server's processor time, and not in any second: where the load
    has more to do than the server, which then waits for it."""
    is_recorded: bool = False
    """Whether Skein takes part a second time, recorded as a trace, and is paired with itself."""
    most_pairs: int = 1000
    """How many pairs are measured at most: fewer where one takes seconds."""

    def among(self, names: Sequence[str]) -> list[str]:
        """The servers that take part when some are asked for."""
        return [*names, *([RECORDED] if self.is_recorded and "skein" in names else [])]

    def pairs(self, names: Sequence[str]) -> list[tuple[str, str, str]]:
        """The pairs to measure when some servers are asked for: name of the pair, server above, server below."""
        found = [(f"{name}/c", name, "c") for name in names if name != "c"]
        if "skein" in names:
            found += [(f"skein/{name}", "skein", name) for name in self.beside if name in names]
        if RECORDED in self.among(names):
            found.append((f"{RECORDED}/skein", RECORDED, "skein"))
        return [*found, (CONTROL, "control", "c")]


RECORDED = "recorded"
"""Skein's server, recorded as a trace."""

CONTROL = "c/c"
"""The pair of the C server with a second process of the same program."""



def stream(name: str, what: str, connections: int, size: int) -> Workload:
    """Servers that write as fast as flow control lets them."""
    return Workload(name, what, connections, size, ("libuv", "nio"), "stream", (str(size),), "stream-load", "MiB",
                    1 << 20, by_processor=True)


def timers(name: str, what: str, task: str) -> Workload:
    """A million timers, a thousand at a time, inside one process."""
    return Workload(name, what, 0, 1_000_000, ("libuv", "nio"), "timers", (task,), None, "timers", most_pairs=5)


WORKLOADS = [
    Workload("echo-1", "echo, 1 connection, 64 B", 1, 64, ("nio",)),
    Workload("echo-50", "echo, 50 connections, 64 B", 50, 64, ("nio",), is_recorded=True),
    Workload("echo-500", "echo, 500 connections, 64 B", 500, 64, ("nio",)),
    Workload("echo-4k", "echo, 50 connections, 4 KiB", 50, 4096, ("libuv", "nio")),
    stream("stream-1", "stream, 1 connection, writes of 64 KiB", 1, 65536),
    stream("stream-10", "stream, 10 connections, writes of 16 KiB", 10, 16384),
    Workload("connect", "connect, echo 64 B, close; 50 under way", 50, 64, ("libuv", "nio"), arguments=("once",),
             load="connect-load", unit="connections", by_processor=True),
    timers("timers-cancel", "timers set and cancelled, 1,000 at a time", "cancel"),
    timers("timers-fire", "timers set and fired, 1,000 at a time", "fire"),
]
"""Every workload, in the order of the table."""

PROMISES = [
    *(Promise("skein/c", name, median=0.95, interval=0.92) for name in ("echo-50", "echo-500")),
    *(Promise("skein/nio", name, median=1.25) for name in ("echo-50", "echo-500")),
    *(Promise("skein/libuv", name, interval=0.92) for name in ("echo-4k", "stream-1", "stream-10")),
]
"""What a run judges when it measured what it is about."""
