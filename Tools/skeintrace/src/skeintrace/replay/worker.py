"""Worker processes: each runs one case after another, and is replaced when a case takes it down.

A case is one line of JSON in, its result one line of JSON out. The parent holds the deadline: what the run itself cannot
notice (a blocked thread, a signal, a crash) is a result like any other.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import traceback
from dataclasses import asdict, dataclass, field
from typing import Any

#: What a worker runs.
COMMAND: tuple[str, ...] = ("-m", "skeintrace.replay.worker")
#: How much longer than its own deadline a run may take before its worker is ended.
GRACE = 5.0


@dataclass(frozen=True)
class Case:
    """One run to make: a trace, a reactor, and how the poll's batches are reordered."""

    path: str
    reactor: str
    seed: int | None = None
    deadline: float = 20.0
    without: tuple[str, ...] = ()
    #: Whether the worker is in a network of its own.
    isolated: bool = False


@dataclass
class Result:
    """What became of a case: `agrees`, `diverges`, `hung`, `crashed`, `not run here` or `unreadable`."""

    case: Case
    state: str
    text: str
    verdict: dict[str, Any] = field(default_factory=dict)


class Worker:
    """A process that runs cases."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, case: Case) -> Result:
        """Run a case; a worker that is gone, or does not answer in time, is replaced for the next one."""
        process = self._start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(asdict(case)).encode() + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], case.deadline + GRACE)
            if not ready:
                self.end()
                return Result(case, "hung", f"no answer within {case.deadline + GRACE:.0f} s")
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            status = process.wait()
            self._process = None
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            return Result(case, "crashed", f"the process running it ended: {how}")
        answer = json.loads(line)
        return Result(case, answer["state"], answer["text"], answer.get("verdict", {}))

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, *COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


def judge_case(case: Case) -> Result:
    """Run a case in this process."""
    from ..format import FormatError
    from ..judge.load import load
    from ..judge.recording import RecordingError
    from ..judge.verdict import escaped, report, summary
    from .driver import Driver, reactor_class

    try:
        recording = load(case.path)
    except (FormatError, RecordingError, OSError) as error:
        return Result(case, "unreadable", escaped(str(error)))
    driver = Driver(recording, reactor_class(case.reactor), case.seed, frozenset(case.without), case.isolated)
    try:
        verdict = driver.run(case.deadline)
    except Exception:
        return Result(case, "crashed", escaped(traceback.format_exc(limit=-3)))
    text = report(verdict, recording)
    if driver.live.recorder.faults:
        text += "\n" + driver.live.recorder.faults[0]
    state = "agrees"
    if driver.unavailable is not None:
        state, text = "not run here", driver.unavailable
    elif verdict.divergence is not None:
        state = "hung" if verdict.divergence.rule == "hung" else "diverges"
    return Result(case, state, text, summary(verdict, recording))


def serve() -> None:
    """Answer cases until there are no more."""
    from twisted.logger import globalLogBeginner

    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
    # What is printed while a case runs is not an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        case = Case(**{**asked, "without": tuple(asked["without"])})
        result = judge_case(case)
        answers.write(json.dumps({"state": result.state, "text": result.text, "verdict": result.verdict}).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    serve()
