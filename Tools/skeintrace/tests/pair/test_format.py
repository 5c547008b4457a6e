"""What the format refuses in a trace of pair."""

from __future__ import annotations

import io
from typing import Any

import pytest

from skeintrace.format import FormatError, Writer, members
from skeintrace.format.swift import swift_tables
from skeintrace.format.validate import validate_file

HEADER = {
    "features": ["pair"],
    "title": "a trace",
    "producer": {"name": "twisted", "version": "0", "byteorder": "little", "io": "memory"},
    "profile": "twisted-compatible",
    "started": "2026-11-28T00:00:00Z",
}
MADE = {"n": 1, "call": "pair.MemoryIOSystem", "gives": {"new": "io-1", "is": {"system": "memory"}}}


def judged(event: dict[str, Any], header: dict[str, Any] = HEADER) -> int:
    """How many events a trace of two has. Raises FormatError for one that is refused."""
    file = io.BytesIO()
    with Writer(file, header) as writer:
        writer.event(MADE)
        writer.event({"n": 2, **event})
    file.seek(0)
    return validate_file(file)


@pytest.mark.parametrize(
    "event",
    [
        {"check": {"provides": "io-system", "object": "io-1"}},
        {"log": {"level": "info", "what": "closed", "interface": b"tun0", "text": "closed"}},
        {"call": "io-1.close", "args": {"fd": {"fd": "fd-1"}}, "raises": {"error": "os-error", "errno": "EBADF"}},
        {"call": "io-1.permissions.remove", "args": {"item": "open"}},
        {"get": "io-1._openFiles", "gives": []},
    ],
    ids=lambda event: next(iter(event)),
)
def test_what_is_said_right_is_taken(event: dict[str, Any]) -> None:
    assert judged(event) == 2


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        ({"check": {"provides": "io-system"}}, "missing-key", "check.object"),
        ({"check": {"provides": "anything", "object": "io-1"}}, "vocabulary", "check.provides"),
        ({"check": {"provides": "io-system", "object": "io-2"}}, "reference", "check.object"),
        ({"check": {}}, "missing-key", "check.released"),
        ({"log": {"level": "info", "what": "opened"}}, "vocabulary", "log.what"),
        ({"call": "io-1.mmap"}, "vocabulary", "call"),
        ({"call": "io-1.read", "args": {"descriptor": {"fd": "fd-1"}}}, "vocabulary", "args.descriptor"),
        ({"call": "io-1.open", "raises": {"error": "no-such-family"}}, "vocabulary", "raises.error"),
        ({"call": "io-1.ioctl", "args": {"arg": {"ifreq": {"name": b"x"}}}}, "missing-key", "args.arg.ifreq.flags"),
        ({"call": "pair.TunnelAddress", "args": {"type": {"flags": "IFF_TUN"}}}, "type", "args.type.flags"),
    ],
    ids=str,
)
def test_what_is_said_wrong_is_refused(event: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(FormatError) as caught:
        judged(event)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_device_that_a_run_needs_is_described_whole() -> None:
    with pytest.raises(FormatError) as caught:
        judged({"note": "x"}, {**HEADER, "needs": {"device": "tap0"}})
    assert caught.value.field == "needs.mode"


def test_what_has_no_meaning_outside_python_is_marked_for_swift() -> None:
    marked = {f"{member.kind}.{member.name}" for member in members().values() if member.python}
    assert marked == {"tunnelport.repr", "address.repr"}
    (line,) = [line for line in swift_tables().splitlines() if "pythonOnly" in line]
    assert all(f'"{name}"' in line for name in (*marked, "check.provides"))
