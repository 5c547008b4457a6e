"""The parts of a replay that a program does not show: the gate, the pace, the command line, the worker."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import protocol

from skeintrace.cli import main
from skeintrace.format import Writer
from skeintrace.judge import report
from skeintrace.replay.cli import _seeds
from skeintrace.replay.reactors import KNOWN, Difference, judged
from skeintrace.replay.worker import Case, Result, Worker

from .programs import PROGRAMS, Factory, serve
from .recorded import HEADER, Rows, drive, record, replay


def written(rows: Rows, path: Path) -> Path:
    """Writes a trace's documents to a file."""
    header = {key: value for key, value in rows[0].items() if key not in ("format", "version")}
    with open(path, "wb") as file:
        writer = Writer(file, header)
        for row in rows[1:-1]:
            writer.event(row)
        writer.close()
    return path


def answered(reactor: Any) -> None:
    """A server that answers each of three bytes before it reads the next."""

    class Server(protocol.Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data.upper())

    class Client(protocol.Protocol):
        def connectionMade(self) -> None:
            self.left = [b"b", b"c"]
            self.transport.write(b"a")

        def dataReceived(self, data: bytes) -> None:
            if self.left:
                self.transport.write(self.left.pop(0))
            else:
                reactor.stop()

    reactor.connectTCP("127.0.0.1", serve(reactor, Server), Factory(Client))
    reactor.run()


def test_what_is_answered_after_a_byte_is_answered_after_it_though_more_could_be_read() -> None:
    """The peer's bytes come all at once here: the recording says that each is answered before the next is read."""
    rows = record(answered)
    together = []
    for row in rows:
        if row.get("call", "").endswith(".write") and row["args"]["data"] in (b"b", b"c"):
            continue
        if row.get("call", "").endswith(".write") and row["args"]["data"] == b"a":
            row = {**row, "args": {"data": b"abc"}}
        together.append(row)
    driver, verdict = drive(_renumbered(together))
    assert verdict.agrees, verdict.divergence
    read = [event["args"]["data"] for event in driver.live.sink.events if str(event.get("back", "")).endswith(".dataReceived")]
    assert [data for data in read if data.islower()] == [b"a", b"b", b"c"]


def _renumbered(rows: Rows) -> Rows:
    from skeintrace.judge.mutants import _renumbered

    return _renumbered(rows)


def test_a_run_that_stops_short_has_hung_and_says_what_it_waits_for() -> None:
    rows = record(PROGRAMS["timers"])
    without_stop = [row for row in rows if row.get("call") != "reactor-1.stop"]
    verdict, expected = replay(_renumbered(without_stop), deadline=0.5)
    assert verdict.divergence is not None and verdict.divergence.rule == "hung"
    assert "took too long" in report(verdict, expected)


def test_seeds_are_numbers_lists_and_ranges() -> None:
    assert _seeds("3") == [3]
    assert _seeds("1,2,5") == [1, 2, 5]
    assert _seeds("1..4,9") == [1, 2, 3, 4, 9]


def test_a_worker_runs_case_after_case_and_is_replaced_when_it_is_gone(tmp_path: Path) -> None:
    path = written(record(PROGRAMS["timers"]), tmp_path / "timers.yaml")
    worker = Worker()
    try:
        first = worker.run(Case(str(path), "epoll"))
        assert first.state == "agrees", first.text
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
        again = worker.run(Case(str(path), "poll"))
        assert again.state == "agrees", again.text
    finally:
        worker.end()


def test_what_takes_a_worker_down_is_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fatal = "import os, sys\nsys.stdin.readline()\nos.abort()\n"
    monkeypatch.setattr("skeintrace.replay.worker.COMMAND", ("-c", fatal))
    worker = Worker()
    try:
        result = worker.run(Case(str(tmp_path / "any.yaml"), "epoll"))
        assert (result.state, "signal 6" in result.text) == ("crashed", True)
    finally:
        worker.end()


def test_what_blocks_a_worker_is_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skeintrace.replay.worker.COMMAND", ("-c", "import sys\nsys.stdin.read()\n"))
    monkeypatch.setattr("skeintrace.replay.worker.GRACE", 0.1)
    worker = Worker()
    try:
        assert worker.run(Case(str(tmp_path / "any.yaml"), "epoll", deadline=0.1)).state == "hung"
    finally:
        worker.end()


def run(*arguments: str) -> int:
    return main(["replay", "--here", *arguments])


def test_the_command_says_how_many_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(record(PROGRAMS["timers"]), tmp_path / "timers.yaml")
    assert run(str(tmp_path), "--reactor", "all", "--repeat", "2", "--shuffle", "1..2") == 0
    out = capsys.readouterr().out
    assert "12 runs: 12 agrees" in out


def test_the_command_fails_where_a_trace_diverges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {**row, "args": {**row["args"], "reason": {"error": "timeout"}}} if "reason" in row.get("args", {}) else row
        for row in record(PROGRAMS["garbage"])
    ]
    written(rows, tmp_path / "altered.yaml")
    assert run(str(tmp_path), "--json") == 1
    row = json.loads(capsys.readouterr().out)
    assert row["state"] == "diverges"
    assert row["divergence"]["rule"] == "arguments"
    assert row["divergence"]["line"] > 1


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.case)
def test_a_difference_between_twisteds_own_reactors_is_kept_as_it_is_known_and_in_no_other_way(
    known: Difference, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = Path(__file__).resolve().parents[4] / "Traces"
    (trace,) = (path for path in corpus.rglob("*.yaml") if f'\ncase: "{known.case}"\n' in path.read_text()[:1000])
    assert run(str(trace), "--reactor", "all") == 0
    assert "3 runs: 2 agrees, 1 kept" in capsys.readouterr().out
    case = Case(str(trace), known.reactor)
    verdict = {"title": known.case, "divergence": {"event": known.event, "happened": known.happened}}
    assert judged(Result(case, "diverges", "", verdict)).state == "kept"
    elsewhere = {**verdict, "divergence": {"event": known.event + 1, "happened": known.happened}}
    otherwise = {**verdict, "divergence": {"event": known.event, "happened": "something else"}}
    assert {judged(Result(case, "diverges", "", other)).state for other in (elsewhere, otherwise)} == {"diverges"}
    assert judged(Result(case, "agrees", "", {"title": known.case})).state == "unneeded"
    assert judged(Result(Case(str(trace), "epoll"), "diverges", "", verdict)).state == "diverges"


def test_the_command_names_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(record(PROGRAMS["timers"]), tmp_path / "cut.yaml")
    path.write_bytes(path.read_bytes()[:-40])
    assert run(str(path)) == 3
    assert "cut.yaml" in capsys.readouterr().out


def test_nothing_to_replay_is_bad_usage(tmp_path: Path) -> None:
    assert run(str(tmp_path)) == 2


def test_compare_has_the_same_exit_statuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = written(record(PROGRAMS["garbage"]), tmp_path / "one.yaml")
    two = written(record(PROGRAMS["garbage"], "poll"), tmp_path / "two.yaml")
    other = written(record(PROGRAMS["half_close"]), tmp_path / "other.yaml")
    assert main(["compare", str(one), str(two)]) == 0
    assert main(["compare", str(one), str(other)]) == 1
    assert main(["compare", str(one), str(tmp_path / "missing.yaml")]) == 3
    assert HEADER["title"] in capsys.readouterr().out


def test_outside_a_network_of_its_own_a_trace_reaches_the_loopback_alone() -> None:
    def outwards(reactor: Any) -> None:
        reactor.connectTCP("127.0.0.1", 9, Factory(protocol.Protocol)).stopConnecting()

    rows = record(outwards)
    verdict, _ = replay(rows)
    assert verdict.agrees, verdict.divergence
    abroad = [{**row, "args": {**row["args"], "host": "192.0.2.1"}} if row.get("call") == "reactor-1.connectTCP" else row for row in rows]
    verdict, _ = replay(abroad)
    assert verdict.divergence is not None and verdict.divergence.rule == "not run here"
    assert "192.0.2.1" in verdict.divergence.reason
