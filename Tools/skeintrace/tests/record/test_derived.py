"""Derived peers where a recording cannot be made to show it: from events written by hand."""

from __future__ import annotations

from typing import Any

from skeintrace.judge import recording, report
from skeintrace.record.derive import derive
from skeintrace.replay.driver import Driver, reactor_class

CLIENT = {"ipv4": ["127.0.0.1", {"port": "p-7"}]}


def numbered(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Events that follow one another. `in` and `end` name the event that they mean by its member."""
    numbers: dict[str, int] = {}
    for row in rows:
        for key in ("in", "end"):
            if key in row:
                row[key] = numbers[row[key]]
        if "end" not in row:
            row["n"] = len(numbers) + 1
            name = str(row.get("call") or row.get("back"))
            numbers[f"{name} {row['n']}" if name in numbers else name] = row["n"]
    return list(rows)


def server(port: Any, *talk: dict[str, Any], client: dict[str, Any] = CLIENT) -> list[dict[str, Any]]:
    """The recording of a server that was talked to by one client, and stopped in the end."""
    run, loop = "reactor-1.run", {"phase": "io", "in": "reactor-1.run"}
    return numbered(
        {"call": "reactor-1.listenTCP", "args": {"port": port, "factory": {"new": "factory-1"}, "interface": "127.0.0.1"}},
        {"in": "reactor-1.listenTCP", "back": "factory-1.doStart"},
        {"end": "reactor-1.listenTCP", "gives": {"new": "port-1"}},
        {"call": run},
        {**loop, "turn": 1, "back": "factory-1.buildProtocol", "args": {"addr": client}, "gives": {"new": "protocol-1"}},
        {**loop, "turn": 1, "back": "protocol-1.makeConnection", "args": {"transport": {"new": "transport-1"}}},
        *({**row, **(loop if "turn" in row else {})} for row in talk),
        {"in": run, "turn": 90, "phase": "shutdown", "back": "factory-1.doStop"},
        {"end": run},
    )


def received(turn: int, data: bytes) -> dict[str, Any]:
    return {"turn": turn, "back": "protocol-1.dataReceived", "args": {"data": data}}


def lost(turn: int, error: str = "done") -> dict[str, Any]:
    return {"turn": turn, "back": "protocol-1.connectionLost", "args": {"reason": {"error": error}}}


def peers(events: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [
        (event["peer"].partition(".")[2], event.get("args", {}).get("data", event.get("gives")))
        for event in events
        if "peer" in event and not event["peer"].endswith(".connect")
    ]


def test_what_one_poll_found_was_sent_before_it() -> None:
    other = {"turn": 2, "back": "factory-1.buildProtocol", "args": {"addr": {"ipv4": ["127.0.0.1", {"port": "p-8"}]}}}
    made = derive({}, server(4000, other, received(2, b"words"), lost(3))).events
    names = [str(event.get("peer") or event.get("back")) for event in made if "peer" in event or event.get("turn")]
    assert names == [
        "peer-1.connect", "factory-1.buildProtocol", "protocol-1.makeConnection",
        "peer-2.connect", "peer-1.send", "factory-1.buildProtocol", "protocol-1.dataReceived",
        "peer-1.close", "protocol-1.connectionLost", "factory-1.doStop",
    ]  # fmt: skip
    causes = {event["n"]: event for event in made if "n" in event}
    assert [causes[event["after"][0]]["peer"] for event in made if "after" in event and "back" in event] == [
        "peer-1.connect", "peer-2.connect", "peer-1.send", "peer-1.close",
    ]  # fmt: skip


def test_what_a_held_back_producer_wrote_is_not_waited_for() -> None:
    asked = {"call": "transport-1.registerProducer", "args": {"producer": {"new": "producer-1"}, "streaming": False}, "in": "reactor-1.run"}
    resumed = [{"turn": turn, "back": "producer-1.resumeProducing"} for turn in (3, 4)]
    write = [{"in": name, "call": "transport-1.write", "args": {"data": data}} for name, data in (
        ("producer-1.resumeProducing", b"first"), ("producer-1.resumeProducing 10", b"second"))]  # fmt: skip
    made = derive({}, server(4000, received(2, b"GET"), asked, resumed[0], write[0], resumed[1], write[1], lost(5, "lost")))
    assert peers(made.events) == [("send", b"GET"), ("receive", b"first"), ("reset", None)]


def test_of_a_server_that_closes_nothing_is_waited_for_before_the_reset_that_came_first() -> None:
    reading = "protocol-1.dataReceived"
    calls = [
        {"in": reading, "call": "transport-1.write", "args": {"data": b"answer"}},
        {"in": reading, "call": "transport-1.loseConnection"},
        {"end": reading},
    ]
    made = derive({}, server(4000, received(2, b"words"), *calls, lost(3, "lost")))
    assert peers(made.events) == [("send", b"words"), ("reset", None)]


def test_the_hosts_of_peers_in_the_network_are_written_as_loopback() -> None:
    client = {"ipv4": ["10.9.8.7", {"port": "p-7"}]}
    asked = {"in": "reactor-1.run", "call": "transport-1.getPeer", "gives": client}
    made = derive({}, server(4000, received(2, b"words"), asked, lost(3), client=client))
    assert "10.9.8.7" not in repr(made.events)
    assert made.header == {"peers": "derived", "redacted": ["peer-hosts"]}
    assert [event["gives"] for event in made.events if event.get("peer") == "peer-1.connect"] == [CLIENT]


def test_a_connection_over_tls_has_no_peer_and_the_reason_is_told() -> None:
    upgraded = {"in": "reactor-1.run", "call": "transport-1.startTLS", "args": {"contextFactory": {"new": "context-1"}}}
    made = derive({}, server(4000, upgraded, received(2, b"words"), lost(3)))
    assert (made.count, made.without, made.header) == (0, ["event 4: what goes over TLS cannot be derived"], {})


def test_a_port_that_nothing_in_the_trace_tells_is_where_the_call_listens() -> None:
    ended = [{"in": "protocol-1.dataReceived", "call": "reactor-1.stop"}, {"end": "protocol-1.dataReceived"}]
    gone = {"in": "reactor-1.run", "turn": 90, "phase": "shutdown", "back": "protocol-1.connectionLost", "args": {"reason": {"error": "lost"}}}
    made = derive({}, server(0, received(2, b"words"), *ended))
    events = [*made.events[:-1], {**gone, "n": made.events[-2]["n"] + 1, "in": made.events[-1]["end"]}, made.events[-1]]
    assert [event["args"] for event in events if event.get("peer") == "peer-1.connect"] == [
        {"address": {"ipv4": ["127.0.0.1", {"port": "p-8"}]}}
    ]
    head = {"format": "skein-trace", "version": 1, "features": ["reactor"], "title": "by hand"}
    driver = Driver(recording([head, *events, {"eof": {"events": len(events), "open": 0, "lost": 0}}]), reactor_class("epoll"))
    verdict = driver.run(5.0)
    assert verdict.agrees, report(verdict, driver.recording)
