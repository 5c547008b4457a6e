"""What the Swift reactor makes of traces, by `trace-replay check`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BACK_ENDS = ("epoll", "poll")


class NotRun(Exception):
    """The checker could not run."""


@dataclass(frozen=True)
class Verdict:
    """What became of one trace on one back end: `agrees`, `kept`, `diverged`, `crashed` or `hung`, and by which rule."""

    path: Path
    back_end: str
    state: str
    rule: str = ""

    @property
    def differs(self) -> bool:
        return self.state in ("diverged", "crashed", "hung")


class Checker:
    """The program `trace-replay`."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def check(self, paths: Sequence[Path], repeat: int = 1) -> list[Verdict]:
        """Replays traces on both back ends."""
        if not paths:
            return []
        command = [str(self.program), "check", *map(str, paths), "--reactor", "all", "--timeout", "10", "--repeat", str(repeat), "--json"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise NotRun(f"{self.program}: {error.strerror}") from None
        if done.returncode not in (0, 1):
            raise NotRun(f"{self.program}: {done.stderr.strip() or f'exit status {done.returncode}'}")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return [_verdict(row) for row in rows if "verdict" in row]

    def command(self, verdict: Verdict) -> str:
        """What a person runs to see a verdict again."""
        return f"{self.program} check {verdict.path} --reactor {verdict.back_end}"


def _verdict(row: dict[str, Any]) -> Verdict:
    divergence = row.get("divergence") or {}
    return Verdict(Path(row["file"]), row["reactor"], row["verdict"], str(divergence.get("kind", "")))
