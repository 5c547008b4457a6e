"""Records the servers of `programs/wild` while somebody outside their process talks to them, and replays the recordings."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from skeintrace.format import Trace
from skeintrace.judge import report
from skeintrace.judge.load import load
from skeintrace.replay.driver import Driver, reactor_class

PROGRAMS = Path(__file__).parents[2] / "programs" / "wild"
Client = Callable[[int], None]


def record(folder: Path, server: str, client: Client, stop: bool = True, lost: bool = True, status: int = 0, complains: bool = False) -> Path:
    """Records a server while a client in this process talks to it; ends it as a service manager would, once it has lost the
    connection."""
    path = folder / f"{Path(server).stem}.yaml"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-m", "skeintrace", "record", "-o", str(folder), "--", server]
    process = subprocess.Popen(words, cwd=PROGRAMS, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        client(int(process.stdout.readline()))
        if stop:
            while lost and process.poll() is None and b".connectionLost" not in path.read_bytes():
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
        _, complaint = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == status
    assert complains or complaint == ""
    return path


@contextmanager
def connected(port: int, greeting: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as end:
        hears(end, greeting)
        yield end


def hears(end: socket.socket, words: bytes) -> None:
    found = b""
    while len(found) < len(words):
        data = end.recv(len(words) - len(found))
        assert data, f"the stream ended after {found!r}"
        found += data
    assert found == words


def steps(trace: Trace) -> dict[str, list[str]]:
    """What each peer did; sends that follow one another are one, because how many they are is the kernel's affair."""
    found: dict[str, list[str]] = {}
    for event in trace.events:
        if "peer" in event:
            name, _, member = event["peer"].partition(".")
            made = found.setdefault(name, [])
            if member != "send" or made[-1:] != ["send"]:
                made.append(member)
    return found


def agrees(path: Path, seeds: tuple[int | None, ...] = (None, 1, 2)) -> None:
    for reactor in ("epoll", "poll", "select"):
        for seed in seeds:
            driver = Driver(load(path), reactor_class(reactor), seed)
            verdict = driver.run(5.0)
            assert driver.live.recorder.faults == []
            assert verdict.agrees, f"{reactor}, shuffle {seed}: {report(verdict, driver.recording)}"
            assert verdict.consumed == verdict.expected > 0
