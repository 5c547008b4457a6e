"""The memory of idle connections: servers side by side, and how much each grows from some connections to many."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import CannotRun
from .servers import Programs, Server
from .workloads import Workload

SETTLED = 1000
"""How many connections are there before counting begins: what a server sets up once is then set up."""

MESSAGE = bytes(range(64))

SPARE = 256
"""Descriptors besides those of the connections."""


def need_descriptors(wanted: int) -> None:
    """See to it that this process and its children may open so many descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (OSError, ValueError) as error:
        raise CannotRun(f"{wanted} descriptors are needed and {hard} allowed: raise the limit (ulimit -Hn)") from error


def open_idle(port: int) -> socket.socket:
    """A connection that has had one message echoed."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(MESSAGE)
    received = b""
    while len(received) < len(MESSAGE):
        more = connection.recv(len(MESSAGE))
        if not more:
            raise CannotRun(f"the server on port {port} closed a connection")
        received += more
    if received != MESSAGE:
        raise CannotRun(f"the server on port {port} echoed other bytes")
    return connection


def own_memory(status: str) -> int:
    """The memory of a process that is its own, in bytes, from `/proc/PID/status`."""
    for line in status.splitlines():
        words = line.split()
        if words and words[0] == "RssAnon:":
            return int(words[1]) * 1024
    raise CannotRun("/proc/PID/status has no RssAnon")


ECHO = Workload("idle", "connections that wait", 1, 64, load=None)
"""What the servers do: echo, once a connection, and then nothing."""


def measure_one(name: str, connections: int, programs: Programs) -> float:
    """Bytes an idle connection costs one server."""
    server = Server(name, programs.server(name, ECHO), min(os.sched_getaffinity(0)))
    status = Path(f"/proc/{server.pid}/status")
    opened = []
    try:
        for _ in range(SETTLED):
            opened.append(open_idle(int(server.address)))
        before = own_memory(status.read_text())
        for _ in range(connections - SETTLED):
            opened.append(open_idle(int(server.address)))
        return (own_memory(status.read_text()) - before) / (connections - SETTLED)
    except OSError as error:
        raise CannotRun(f"the {name} server: {error}") from error
    finally:
        for connection in opened:
            connection.close()
        server.stop()


def measure(names: Sequence[str], connections: int, programs: Programs) -> dict[str, float]:
    """Bytes an idle connection costs each server."""
    need_descriptors(connections + SPARE)
    return {name: measure_one(name, connections, programs) for name in names}


def is_kept(costs: Mapping[str, float]) -> bool:
    """Whether an idle connection of Skein's costs less than one of SwiftNIO's, as far as both are known."""
    return "skein" not in costs or "nio" not in costs or costs["skein"] < costs["nio"]


def rows(costs: Mapping[str, float]) -> list[list[str]]:
    """The table, its heading first."""
    table = [["server", "bytes an idle connection", "of skein's"]]
    skein = costs.get("skein")
    return table + [[name, f"{cost:,.0f}", f"{cost / skein:.2f}" if skein else ""] for name, cost in costs.items()]
