"""Runs trial tests under the recorder: one trace a test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, Iterator

from twisted.trial import reporter, runner

from . import intercept
from .active import active
from .fold import fold
from .header import header, in_words
from .journal import Event, EventList
from .manifest import waits_for
from .outcome import Outcome
from .recorder import Recorder
from .sides import sides
from .sink import write_trace

REACTORS = {"EPollReactor": "epoll", "PollReactor": "poll", "SelectReactor": "select"}


def load(names: list[str]) -> list[Any]:
    """The tests that these names stand for, flat and in order."""
    loader: Any = runner.TestLoader()
    found: list[Any] = []
    for name in names:
        found.extend(_flat(loader.loadByName(name, recurse=True)))
    return found


def _flat(suite: Any) -> Iterator[Any]:
    if hasattr(suite, "_tests"):
        for test in suite._tests:
            yield from _flat(test)
    else:
        yield suite


def reactor_of(test: Any) -> str | None:
    """The reactor that a test built by ReactorBuilder is for, as its class's name; None for any other test."""
    from twisted.internet.test.reactormixins import ReactorBuilder

    if not isinstance(test, ReactorBuilder):
        return None
    factory = type(test).__dict__.get("reactorFactory") or getattr(type(test), "reactorFactory", None)
    return getattr(factory, "__name__", "") or type(test).__name__.rpartition("_")[2].removesuffix("Tests")


def select(tests: list[Any], reactor: str) -> list[Any]:
    """The tests that run on a reactor, and those that are for none."""
    chosen = []
    for test in tests:
        name = reactor_of(test)
        if name is None or REACTORS.get(name) == reactor:
            chosen.append(test)
    return chosen


def slug(test: Any) -> str:
    """The stable name of a test's case, without its root: `test_tcp/TCP4Client/addresses`."""
    cls = type(test)
    name = cls.__name__
    name = re.sub(r"_[A-Za-z]+ReactorTests$", "", name)
    name = re.sub(r"(Tests?)?(Builder|Mixin)?$", "", name)
    name = name.removeprefix("Test") or cls.__name__
    module = cls.__module__.rpartition(".")[2]
    method = test._testMethodName.removeprefix("test_").removeprefix("test")
    return f"{module}/{name}/{method}"


def case_of(test: Any) -> str:
    """The case's whole name: the package, and the slug."""
    return f"{type(test).__module__.partition('.')[0]}/{slug(test)}"


def title_of(test: Any) -> str:
    """The test's name in words."""
    _, cls, method = slug(test).split("/")
    return f"{in_words(cls)}: {in_words(method)}"


class Run:
    """One test, recorded."""

    def __init__(self, test: Any, buffers: tuple[int, int] | None = None) -> None:
        self.test = test
        self.sink = EventList()
        self.recorder = Recorder(self.sink)
        self.recorder.buffers = buffers

    def record(self) -> reporter.TestResult:
        """Runs the test. A reactor test is recorded inside its method, from the moment that it has made its reactor."""
        result = reporter.TestResult()  # type: ignore[no-untyped-call]
        if reactor_of(self.test) is not None:
            self._within_method()
            self.test.run(result)
            return result
        self._open_globally()
        try:
            self.test.run(result)
        finally:
            self._close()
        return result

    def _within_method(self) -> None:
        name = self.test._testMethodName
        method = getattr(self.test, name)

        def recorded(*args: Any, **kwargs: Any) -> Any:
            sides.reset()
            self.recorder.opens_with_reactor = True
            active.recorder = self.recorder
            try:
                return method(*args, **kwargs)
            finally:
                self._close()

        setattr(self.test, name, recorded)

    def _open_globally(self) -> None:
        from twisted.internet import reactor

        sides.reset()
        active.recorder = self.recorder
        self.recorder.open_window()
        self.recorder.name(reactor, "reactor")

    def _close(self) -> None:
        self.recorder.close_window()
        active.recorder = None
        sides.reset()


BUFFERS = (1 << 20, 1 << 20)
"""What the send and receive buffers are fixed to where a trace depends on them.

So much that the kernel takes what Twisted's tests write without waiting for the peer to read: how much was read when a
writer had written all is then no race.
"""

SMALL = 131072
"""As many bytes go out in one write of the reactor's: what is not more does not depend on the buffers."""


def depends_on_buffers(events: list[Event]) -> bool:
    """Whether so much is written to a transport that it is the machine's buffers which say when it is through."""
    written: Counter[str] = Counter()
    for event in events:
        target, _, member = str(event.get("call", "")).partition(".")
        data = event.get("args", {}).get("data")
        if member == "write" and isinstance(data, bytes):
            written[target] += len(data)
        elif member == "writeSequence" and isinstance(data, list):
            written[target] += sum(len(part) for part in data if isinstance(part, bytes))
    return any(size > SMALL for size in written.values())


REASONS = {
    "type": "a call has arguments that cannot be typed outside Python: it is marked in the trace",
    "class": "an object's class does not let its calls be seen",
    "unintroduced": "the test reaches a system object outside the interfaces",
    "replaced": "the test puts a function of its own in the place of a reactor's method",
    "fault": "the recorder failed",
    "integer": "an integer beyond 64 bits",
    "text": "text that is not Unicode",
}
"""What the words of `unexpressible` mean."""


def outcome_of(run: Run, result: reporter.TestResult) -> Outcome:
    """What became of a test, before anything is written."""
    test = run.test
    made = Outcome(test.id(), case_of(test), "traced", faults=run.recorder.faults)
    missing = waits_for(run.sink.events)
    if result.skips:
        made.state, made.why = "not run here", str(result.skips[0][1])
    elif result.failures or result.errors:
        made.state = "failed"
        made.why = "; ".join(str(failure) for _, failure in [*result.failures, *result.errors])
    elif not run.sink.events:
        made.state, made.why = "not expressible", "the test builds no reactor: nothing crosses the boundary"
    elif not run.recorder.applied:
        made.state, made.why = "not expressible", "the test calls no reactor: nothing crosses the boundary"
    elif "replaced" in run.recorder.unexpressible:
        made.state, made.why = "not expressible", REASONS["replaced"]
    elif missing:
        made.state, made.why = "waits for", missing
    elif run.recorder.unexpressible:
        made.why = "; ".join(REASONS.get(word, word) for word in run.recorder.unexpressible)
    return made


def write(run: Run, reactor: str, folder: Path) -> Path:
    """Writes a test's trace under its slug."""
    test = run.test
    path = folder / (slug(test) + ".yaml")
    fixed = run.recorder.buffers
    head = header(
        title=title_of(test),
        case=case_of(test),
        source=str(test.id()),
        reactor=reactor,
        suite="trial",
        buffers=None if fixed is None else {"send": fixed[0], "receive": fixed[1]},
    )
    write_trace(path, head, fold(run.sink.events), run.recorder)
    return path


def record(
    names: list[str], folder: Path | None, reactor: str = "epoll", only: str = "", buffers: tuple[int, int] | None = None
) -> Iterator[Outcome]:
    """Runs tests one after another, and writes a trace of each that can be replayed some day."""
    import twisted.internet.reactor  # noqa: F401 - as under trial it is there before the first test, which would make it

    _quiet()
    intercept.install()
    try:
        for test in select(load(names), reactor):
            if not hasattr(test, "_testMethodName") or not re.search(only, test.id()):
                continue
            run = Run(test, buffers)
            result = run.record()
            if buffers is None and depends_on_buffers(run.sink.events):
                run = Run(type(test)(test._testMethodName), BUFFERS)
                result = run.record()
            made = outcome_of(run, result)
            made.events = run.recorder.journal.count
            if made.state in ("traced", "waits for") and folder is not None:
                made.path = write(run, reactor, folder)
                made.relative = slug(test) + ".yaml"
            yield made
    finally:
        intercept.uninstall()


def _quiet() -> None:
    """Logging has begun, as under trial, and goes nowhere."""
    from twisted.logger import globalLogBeginner

    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
