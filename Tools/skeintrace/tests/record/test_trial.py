"""Twisted's own tests, recorded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from skeintrace.format import read, validate
from skeintrace.record import trial

SUITE = "twisted.internet.test.test_tcp"
CLIENT = f"{SUITE}.TCP4ClientTestsBuilder_EPollReactorTests"
SEED = (
    "addresses",
    "badContext",
    "buildProtocolReturnsNone",
    "clientConnectionFailedStopsReactor",
    "connectEvent",
    "disconnectWhileProducing",
    "interface",
    "logPrefix",
    "protocolGarbageAfterLostConnection",
    "unregisterProducerAfterDisconnect",
    "writeAfterDisconnect",
)


def record(folder: Path, *names: str, reactor: str = "epoll") -> list[Any]:
    """Records tests into a folder, in this process."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        return list(trial.record(list(names), folder, reactor))
    finally:
        os.chdir(before)


def form(path: Path) -> list[dict[str, Any]]:
    """A trace's events with what no two runs have in common left out, and what shutdown loses in a fixed order."""
    events = [{key: value for key, value in event.items() if key not in ("at", "turn")} for event in read(path).events]
    return sorted(({**event, "n": 0, "in": 0, "end": 0, "after": 0} for event in events), key=repr)


@pytest.mark.filterwarnings("ignore:.*OpenSSL connection-creator")
@pytest.mark.parametrize("name", SEED)
def test_a_seed_test_recorded_twice_gives_the_same_events(name: str, tmp_path: Path) -> None:
    paths = []
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        (outcome,) = record(tmp_path / run, f"{CLIENT}.test_{name}")
        assert (outcome.state, outcome.faults, outcome.case) == ("traced", [], f"twisted/test_tcp/TCP4Client/{name}")
        paths.append(outcome.path)
    assert form(paths[0]) == form(paths[1])
    validate(paths[0])


def test_the_tree_of_a_refused_connection(tmp_path: Path) -> None:
    (outcome,) = record(tmp_path, f"{CLIENT}.test_clientConnectionFailedStopsReactor")
    trace = read(outcome.path)
    lines = [event.get("call") or event.get("back") or f"end {event['end']}" for event in trace.events]
    assert lines == [
        "reactor-1.callWhenRunning",
        "reactor-1.callLater",
        "reactor-1.run",
        "function-1.call",
        "reactor-1.connectTCP",
        "factory-1.doStart",
        "factory-1.startedConnecting",
        "end 5",
        "end 4",
        "factory-1.clientConnectionFailed",
        "reactor-1.stop",
        "end 8",
        "factory-1.doStop",
        "end 3",
        "timer-1.cancel",
    ]
    assert trace.header["producer"]["reactor"] == "epoll"
    assert trace.header["source"] == f"{CLIENT}.test_clientConnectionFailedStopsReactor"
    assert trace.header["title"] == "TCP4 client: client connection failed stops reactor"
    assert trace.eof == {"events": 11, "open": 0, "lost": 0}


def test_a_protocol_behind_an_endpoint_is_released_with_what_it_wraps(tmp_path: Path) -> None:
    (outcome,) = record(tmp_path, f"{CLIENT}.test_protocolGarbageAfterLostConnection")
    assert [{key: event[key] for key in event if key in ("drop", "check")} for event in read(outcome.path).events][-2:] == [
        {"drop": "protocol-2"},
        {"check": {"released": "protocol-2"}},
    ]


@pytest.mark.parametrize("reactor", ["poll", "select"])
def test_the_other_reactors_are_recorded_too(reactor: str, tmp_path: Path) -> None:
    name = {"poll": "PollReactor", "select": "SelectReactor"}[reactor]
    test = f"{SUITE}.TCP4ClientTestsBuilder_{name}Tests.test_disconnectWhileProducing"
    (outcome,) = record(tmp_path, test, reactor=reactor)
    trace = read(outcome.path)
    assert trace.header["producer"]["reactor"] == reactor
    assert len(trace.events) > 27


def test_a_test_without_a_reactor_leaves_no_trace(tmp_path: Path) -> None:
    (outcome,) = record(tmp_path, f"{CLIENT}.test_getaddrinfo_negative_port")
    assert (outcome.state, outcome.path) == ("not expressible", None)
    assert "builds no reactor" in outcome.why


def test_a_test_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "failing_case.py").write_text(
        "from twisted.trial.unittest import SynchronousTestCase\n"
        "from twisted.internet.test.reactormixins import ReactorBuilder\n"
        "class Broken(ReactorBuilder):\n"
        "    def test_broken(self):\n"
        "        self.buildReactor().getDelayedCalls()\n"
        "        self.fail('as it should')\n"
        "globals().update(Broken.makeTestCaseClasses())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    (outcome,) = [made for made in record(tmp_path, "failing_case") if made.state != "not run here"]
    assert outcome.state == "failed" and "as it should" in outcome.why
    assert list(tmp_path.glob("**/*.yaml")) == []


def test_a_floods_writes_are_folded(tmp_path: Path) -> None:
    test = f"{SUITE}.AbortConnectionTests_EPollReactorTests.test_fullWriteBuffer"
    (outcome,) = record(tmp_path, test)
    repeats = [event["repeat"]["times"] for event in read(outcome.path).events if "repeat" in event]
    assert repeats == [99]


def test_slugs_are_stable_names() -> None:
    tests = trial.load([SUITE])
    cases = {trial.slug(test) for test in tests if trial.reactor_of(test) == "EPollReactor"}
    assert len(cases) == 109
    assert {f"test_tcp/TCP4Client/{name}" for name in SEED} <= cases
    assert {f"test_tcp/TCP6Client/{name}" for name in SEED} <= cases
    assert {case.split("/")[1] for case in cases} == {
        "AbortConnection",
        "AdoptStreamConnection",
        "BindAddress",
        "TCP4Client",
        "TCP4Connector",
        "TCP6Client",
        "TCP6Connector",
        "TCPConnection",
        "TCPFDPort",
        "TCPPort",
        "TCPTransport",
    }


def run_tool(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.run(
        [sys.executable, "-m", "skeintrace", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def test_the_manifest_lists_each_of_the_suites_tests_once(tmp_path: Path) -> None:
    suites = [f"twisted.internet.test.test_{name}" for name in ("core", "time", "threads", "fdset", "tcp")]
    done = run_tool(tmp_path, "trial", "-o", "traces", "--manifest", "manifest.yaml", "--only", "EPoll", *suites)
    assert done.returncode == 0, done.stderr
    manifest = yaml.safe_load((tmp_path / "manifest.yaml").read_text())
    assert manifest["total"] == len(manifest["tests"]) == 146
    states = {entry["state"] for entry in manifest["tests"].values()}
    assert states <= {"traced", "not expressible", "not run here"}
    traces = {str(path.relative_to(tmp_path / "traces")) for path in (tmp_path / "traces").glob("**/*.yaml")}
    assert traces == {entry["trace"] for entry in manifest["tests"].values() if "trace" in entry}
    for path in traces:
        validate(tmp_path / "traces" / path)
    linklocal = [entry for entry in manifest["tests"].values() if "TCP6Client" in entry["case"]]
    if all(entry["state"] == "not run here" for entry in linklocal):
        assert manifest["counts"]["traced"] == 110
        pytest.skip("no network namespace can be made here, so no link-local address is there")
    assert manifest["counts"] == {"traced": 139, "not expressible": 6, "not run here": 1}
    text = (tmp_path / "traces/test_tcp/TCP6Client/addresses.yaml").read_text()
    assert "{host: linklocal-1}" in text and "{scope: linklocal-1}" in text
    assert re.search(r"fe80", text) is None


def test_running_out_of_descriptors_is_a_fault(tmp_path: Path) -> None:
    run_tool(tmp_path, "trial", "-o", ".", f"{SUITE}.TCPPortTestsBuilder_EPollReactorTests.test_closePeerOnEMFILE")
    faults = [event["fault"] for event in read(tmp_path / "test_tcp/TCPPort/closePeerOnEMFILE.yaml").events if "fault" in event]
    assert faults == ["descriptors.exhaust", "descriptors.release"]


def test_nothing_selected_is_bad_usage(tmp_path: Path) -> None:
    assert run_tool(tmp_path, "trial", "-o", "traces", "--only", "nothing at all", SUITE).returncode == 2
    assert run_tool(tmp_path, "trial", SUITE).returncode == 2
