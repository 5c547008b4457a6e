"""Whether Twisted agrees with a program's trace: on each of its reactors, or no verdict on Swift counts."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..replay.worker import Case, Worker

REACTORS = ("epoll", "poll", "select")
#: Seconds that one replay may take: a program lasts less than one.
DEADLINE = 8.0
#: After so many replays a worker is replaced: it keeps something of each.
RENEWED = 100


class Calibration:
    """Replays traces on Twisted's reactors, each in a worker process of its own."""

    def __init__(self, reactors: Sequence[str], isolated: bool) -> None:
        self._workers = {name: Worker() for name in reactors}
        self._isolated = isolated
        self._runs = dict.fromkeys(reactors, 0)

    def run(self, paths: Sequence[Path], repeat: int = 1) -> dict[Path, str]:
        """Why each trace does not calibrate, "" where it does; a reactor that has disagreed is not asked again."""
        with ThreadPoolExecutor(len(self._workers)) as pool:
            found = list(pool.map(lambda name: [self._judge(name, path, repeat) for path in paths], self._workers))
        return {path: "; ".join(filter(None, reasons)) for path, *reasons in zip(paths, *found)}

    def _judge(self, reactor: str, path: Path, repeat: int) -> str:
        for _ in range(repeat):
            self._runs[reactor] += 1
            if self._runs[reactor] % RENEWED == 0:
                self._workers[reactor].end()
            result = self._workers[reactor].run(Case(str(path), reactor, None, DEADLINE, (), self._isolated))
            if result.state != "agrees":
                rule = str(result.verdict.get("divergence", {}).get("rule", result.state))
                return f"{reactor}: {'strand' if rule.startswith('strand') else rule}"
        return ""

    def end(self) -> None:
        """Ends the workers."""
        for worker in self._workers.values():
            worker.end()

