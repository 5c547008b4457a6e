"""The committed corpus: its manifests list each test that Twisted has, and each trace that is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import twisted
import yaml

from skeintrace.format import read, validate
from skeintrace.record.trial import load, select

ROOT = Path(__file__).resolve().parents[4]
(CORPUS,) = ROOT.glob("Traces/twisted-*")
REACTOR_SUITES = tuple(f"twisted.internet.test.test_{name}" for name in ("core", "fdset", "tcp", "threads", "time"))


class Listed:
    """One manifest, the suites that it is about, and the tests of those that it is to list."""

    def __init__(self, folder: Path, suites: tuple[str, ...], only: str) -> None:
        self.folder = folder
        self.suites = suites
        self.only = only
        self.manifest: dict[str, Any] = yaml.safe_load((folder / "manifest.yaml").read_text())
        self.tests: dict[str, dict[str, str]] = self.manifest["tests"]

    def in_twisted(self) -> list[str]:
        """The tests that the installed Twisted has."""
        tests = select(load(list(self.suites)), "epoll")
        return [test.id() for test in tests if hasattr(test, "_testMethodName") and re.search(self.only, test.id())]

    def traces(self) -> set[str]:
        """The traces in the folders of tests."""
        return {str(path.relative_to(self.folder)) for path in self.folder.glob("test_*/**/*.yaml")}


@pytest.fixture(
    params=[(CORPUS, REACTOR_SUITES, "EPoll"), (CORPUS / "pair", ("twisted.pair.test",), "")], ids=["reactor", "pair"], scope="module"
)
def listed(request: pytest.FixtureRequest) -> Listed:
    return Listed(*request.param)


def test_it_was_recorded_from_the_installed_twisted(listed: Listed) -> None:
    assert listed.manifest["twisted"] == twisted.__version__
    assert CORPUS.name == f"twisted-{twisted.__version__}"


def test_exactly_the_tests_that_twisted_has_are_listed(listed: Listed) -> None:
    there = listed.in_twisted()
    assert len(there) == len(set(there)) > 0
    assert sorted(listed.tests) == sorted(there)


def test_the_counts_are_those_of_the_entries(listed: Listed) -> None:
    assert listed.manifest["total"] == len(listed.tests)
    assert listed.manifest["counts"] == Counter(entry["state"] for entry in listed.tests.values())


def test_what_is_traced_has_a_valid_trace_of_that_test(listed: Listed) -> None:
    for test, entry in listed.tests.items():
        if entry["state"] == "traced":
            path = listed.folder / entry["trace"]
            validate(path)
            header = read(path).header
            assert (header["case"], header["source"]) == (entry["case"], test)


def test_what_is_not_traced_says_why_and_has_no_trace(listed: Listed) -> None:
    for test, entry in listed.tests.items():
        if entry["state"] != "traced":
            assert entry["state"] in ("not expressible", "waits for", "not run here"), test
            assert entry["why"], test
            assert "trace" not in entry, test


def test_each_trace_in_the_folders_is_listed_once(listed: Listed) -> None:
    traces = [entry["trace"] for entry in listed.tests.values() if "trace" in entry]
    assert len(traces) == len(set(traces))
    assert set(traces) == listed.traces()


@pytest.mark.parametrize("suite", REACTOR_SUITES)
def test_each_suite_of_the_reactor_has_traces(suite: str) -> None:
    folder = CORPUS / suite.rpartition(".")[2]
    assert any(folder.rglob("*.yaml")), f"nothing is traced of {suite}"
