"""When a line is written, and what stands on it."""

from __future__ import annotations

import threading

from skeintrace.record.journal import EventList, Journal


def make() -> tuple[Journal, EventList]:
    sink = EventList()
    ticks = iter(range(1000))
    return Journal(sink, lambda: next(ticks)), sink


def test_a_crossing_with_nothing_inside_is_one_line() -> None:
    journal, sink = make()
    opened = journal.begin({"call": "reactor-1.stop"})
    assert sink.events == []
    journal.finish(opened, {"gives": 1})
    assert sink.events == [{"call": "reactor-1.stop", "n": 1, "at": 1, "gives": 1}]


def test_a_crossing_is_opened_by_the_next_and_closed_by_an_end_line() -> None:
    journal, sink = make()
    outer = journal.begin({"call": "reactor-1.run"})
    inner = journal.begin({"back": "function-1.call"})
    journal.finish(inner, {})
    journal.finish(outer, {"gives": None})
    assert [event.get("n") or -event["end"] for event in sink.events] == [1, 2, -1]
    assert "gives" not in sink.events[0] and sink.events[2]["gives"] is None


def test_a_poll_opens_what_waits() -> None:
    journal, sink = make()
    opened = journal.begin({"call": "reactor-1.run"})
    journal.flush()
    assert [event["n"] for event in sink.events] == [1]
    journal.finish(opened, {})
    assert sink.events[1]["end"] == 1


def test_closing_opens_what_waits_and_nothing_is_written_behind_it() -> None:
    journal, sink = make()
    opened = journal.begin({"call": "reactor-1.run"})
    journal.close()
    journal.finish(opened, {})
    journal.leaf({"call": "reactor-1.stop"})
    assert [event["n"] for event in sink.events] == [1]


def test_how_many_crossings_are_open_is_known() -> None:
    journal, _ = make()
    first = journal.begin({"call": "reactor-1.run"})
    journal.begin({"back": "function-1.call"})
    journal.leaf({"call": "reactor-1.stop"})
    assert journal.open == 2
    journal.finish(first, {})
    assert journal.open == 1


def test_a_crossing_that_hangs_is_opened_by_the_watch() -> None:
    sink = EventList()
    written = threading.Event()

    class Telling(EventList):
        def event(self, event: dict[str, object]) -> None:
            sink.event(event)
            written.set()

    journal = Journal(Telling())
    journal.watch(interval=0.001)
    journal.begin({"back": "function-1.call"})
    assert written.wait(10)
    journal.close()
    assert [event["back"] for event in sink.events] == ["function-1.call"]


def test_numbers_are_unique_and_in_the_order_of_the_lines_whatever_the_thread() -> None:
    journal, sink = make_real()
    start = threading.Barrier(4)

    def many() -> None:
        start.wait()
        for _ in range(50):
            journal.leaf({"call": "reactor-1.wakeUp"})

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event["n"] for event in sink.events] == list(range(1, 201))


def make_real() -> tuple[Journal, EventList]:
    sink = EventList()
    return Journal(sink), sink
