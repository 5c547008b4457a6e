"""Recordings written by hand, event by event."""

from __future__ import annotations

from typing import Any

from skeintrace.judge import Recording, recording

HEADER: dict[str, Any] = {"format": "skein-trace", "version": 1, "features": ["reactor"], "title": "by hand", "started": "2026-01-01T00:00:00Z"}
Row = dict[str, Any]


def rows(*events: Row) -> list[Row]:
    """A trace's documents. Events are numbered from 1 in the order given, a millisecond apart, where they do not say."""
    made: list[Row] = [HEADER]
    count = 0
    for place, event in enumerate(events, 1):
        row = dict(event)
        if "end" not in row or "n" in row:
            count += 1
            row.setdefault("n", count)
        row.setdefault("at", place * 1_000_000)
        made.append(row)
    return [*made, {"eof": {"events": count, "open": 0, "lost": 0}}]


def by_hand(*events: Row) -> Recording:
    """A recording of these events."""
    return recording(rows(*events))


def io(turn: int, **event: Any) -> Row:
    """A callback from the poll, inside event 1 (`run`)."""
    return {"in": 1, "turn": turn, "phase": "io", **event}


RUN: Row = {"call": "reactor-1.run"}
RAN: Row = {"end": 1}


def connection(number: int, turn: int = 1) -> tuple[Row, Row]:
    """A connection that a port accepts: its protocol is built and gets its transport."""
    built = io(
        turn,
        back="factory-1.buildProtocol",
        args={"addr": {"ipv4": ["127.0.0.1", {"port": f"p-{number + 10}"}]}},
        gives={"new": f"protocol-{number}"},
    )
    made = io(turn, back=f"protocol-{number}.makeConnection", args={"transport": {"new": f"transport-{number}"}})
    return built, made


def data(number: int, payload: bytes, turn: int = 2) -> Row:
    """Bytes that a connection receives."""
    return io(turn, back=f"protocol-{number}.dataReceived", args={"data": payload})
