"""The servers: what each is built from, and a process of each on its core."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import CannotRun
from .workloads import Workload

HERE = Path(__file__).resolve().parent.parent
"""The folder of the benchmarks."""

PATIENCE = 30.0
"""How many seconds a server may take to print its port."""

PR_SET_PDEATHSIG = 1


def pinned(core: int) -> Callable[[], None]:
    """What a child does before it becomes its program: move to one core, and promise to end with its parent."""
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        os.sched_setaffinity(0, {core})
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return prepare


@dataclass(frozen=True)
class Programs:
    """Where the programs are."""

    built: Path
    nio: Path | None
    """Where SwiftNIO's are."""
    python: Path | None

    def load(self, name: str) -> str:
        """A load generator."""
        return str(self.built / name)

    def server(self, name: str, workload: Workload) -> list[str]:
        """The command of a server."""
        if name == "twisted":
            if self.python is None:
                raise CannotRun("no Python was found for the Twisted server")
            return [str(self.python), str(HERE / f"{workload.program}_twisted.py"), *workload.arguments]
        folder = self.nio if name == "nio" else self.built
        if folder is None:
            raise CannotRun("SwiftNIO's programs were not built")
        return [str(folder / product(name, workload)), *workload.arguments]


def product(name: str, workload: Workload) -> str:
    """The executable of a server that is built; Twisted's is a script."""
    return f"{workload.program}-{name}"


class Server:
    """One server, alone on its core: it prints what a load generator is to be told of it, and then does as it is loaded."""

    def __init__(self, name: str, command: list[str], core: int, environment: Mapping[str, str] | None = None) -> None:
        """Start it and wait for its first line."""
        self.name = name
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=pinned(core),
            env={**os.environ, **(environment or {})},
        )
        try:
            self.greeting = self._read_greeting()
        except CannotRun:
            self.stop()
            raise

    @property
    def address(self) -> str:
        """What a load generator is told of it."""
        return self.greeting

    def tell(self, line: str) -> str:
        """Have a program that does by itself what it is told do something; gives what it answers."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer = self._output().readline()
        if not answer:
            raise CannotRun(f"the {self.name} program ended with status {self._process.wait()}")
        return answer

    def _output(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _read_greeting(self) -> str:
        ready, _, _ = select.select([self._output()], [], [], PATIENCE)
        line = self._output().readline().strip() if ready else ""
        if not (line == "ready" or line.isdecimal() and 0 < int(line) < 65536):
            raise CannotRun(f"the {self.name} server should print its port, or that it is ready, and printed {line!r}")
        return line

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def cpu_time(self) -> int:
        """How many nanoseconds its threads have run so far."""
        tasks = Path(f"/proc/{self._process.pid}/task")
        try:
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())
        except (OSError, ValueError, IndexError) as error:
            raise CannotRun(f"the {self.name} server's processor time cannot be read: {error}") from error

    def end(self) -> None:
        """Ask it to end, and wait until it has."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise CannotRun(f"the {self.name} server does not end") from error

    def stop(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._output()):
            if pipe:
                pipe.close()
