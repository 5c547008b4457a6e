"""Floods are written once."""

from __future__ import annotations

from typing import Any

from skeintrace.record.fold import fold


def flood(times: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = [{"n": 1, "at": 0, "call": "reactor-1.run"}]
    number = 2
    for _ in range(times):
        events.append({"n": number, "in": 1, "at": number, "turn": number, "back": "producer-1.resumeProducing"})
        events.append({"n": number + 1, "in": number, "at": number, "call": "transport-1.write", "args": {"data": b"x"}})
        events.append({"end": number, "at": number})
        number += 2
    events.append({"n": number, "in": 1, "at": number, "back": "producer-1.pauseProducing", "after": [number - 1]})
    events.append({"end": 1, "at": number})
    return events


def test_equal_crossings_with_equal_things_inside_fold() -> None:
    folded = fold(flood(100))
    assert [event.get("n") or -event["end"] for event in folded] == [1, 2, 3, -2, 4, -1]
    assert folded[1]["repeat"] == {"times": 100, "until": "pauseProducing"}
    assert folded[2]["in"] == 2 and folded[4]["in"] == 1


def test_a_few_are_no_flood() -> None:
    events = flood(3)
    assert fold(events) is events


def test_what_differs_inside_does_not_fold() -> None:
    events = flood(6)
    events[5]["args"] = {"data": b"y"}
    folded = fold(events)
    assert [event["repeat"]["times"] for event in folded if "repeat" in event] == [4]


def test_what_introduces_an_object_does_not_fold() -> None:
    events = [
        {"n": number, "at": 0, "call": "reactor-1.callLater", "args": {"callable": {"new": f"function-{number}"}}}
        for number in range(1, 9)
    ]
    assert fold(events) is events


def test_causes_and_errors_point_at_the_new_numbers() -> None:
    events = flood(10)
    last = events[-2]["n"]
    events.insert(-1, {"n": last + 1, "in": 1, "at": 0, "back": "protocol-1.connectionLost", "args": {"reason": {"error": "application", "class": "X", "raised": last}}})
    folded = fold(events)
    assert folded[-2]["args"]["reason"]["raised"] == folded[-3]["n"] == 4
    assert folded[-3]["after"] == [3]


def test_events_of_other_threads_stay_as_they_are() -> None:
    events = flood(10)
    events[3]["thread"] = "t-1"
    assert fold(events) is events


def test_received_data_does_not_fold() -> None:
    events = [
        {"n": number, "at": number, "back": "protocol-1.dataReceived", "args": {"data": b"x" * 65536}}
        for number in range(1, 9)
    ]
    assert fold(events) is events
