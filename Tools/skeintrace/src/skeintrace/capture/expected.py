"""What a trace says that its captures must hold, read from the plain YAML and without the code that writes captures.

A check that shared code with the writer would share its mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Streams = tuple[bytes, bytes]
"""What the client sent, and what the server sent."""


@dataclass
class Expected:
    """The streams in the order in which their connections began, those refused too, and the frames of each device."""

    streams: list[Streams] = field(default_factory=list)
    frames: dict[str, list[bytes]] = field(default_factory=dict)


def expected(path: Path) -> Expected:
    """What the trace at `path` says."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with open(path, encoding="ascii") as file:
        _, *documents = yaml.load_all(file, loader)
    events = {event["n"]: event for event in documents if "n" in event}
    for event in documents:
        if "end" in event:
            events[event["end"]].update({key: event[key] for key in ("gives", "raises") if key in event})
    return Expected(_streams(events), _frames(events))


def _member(event: dict[str, Any], *kinds: str) -> tuple[str, str]:
    for kind in kinds:
        if kind in event:
            target, _, method = event[kind].partition(".")
            return target, method
    return "", ""


def _name(value: Any) -> str:
    return value.get("new") or value.get("ref") or "" if isinstance(value, dict) else ""


def _bytes(value: Any) -> bytes:
    if isinstance(value, dict):
        unit, length = value["repeat"]
        return bytes((unit * (length // len(unit) + 1))[:length])
    return b"".join(map(_bytes, value)) if isinstance(value, list) else bytes(value)


@dataclass
class _Side:
    """What the trace shows at one end: bytes in and bytes out until it closed."""

    received: bytes = b""
    written: bytes = b""
    closed: bool = False


def _streams(events: dict[int, dict[str, Any]]) -> list[Streams]:
    causes: dict[int, str] = {}
    connectors: dict[str, str] = {}
    attempt_of: dict[str, int] = {}
    listening: set[str] = set()
    sides: dict[tuple[int, str], _Side] = {}
    at: dict[str, _Side] = {}
    refused: set[int] = set()
    for n, event in events.items():
        args = event.get("args", {})
        target, method = _member(event, "call", "back", "peer")
        if method in ("connectTCP", "connectSSL", "connectUNIX"):
            causes[n] = _name(args["factory"])
            attempt_of[_name(event.get("gives"))] = n
        elif method == "startedConnecting":
            connector = _name(args["connector"])
            attempt_of[connector] = event["in"]
            connectors[connector] = target
        elif method == "connect" and "call" in event:
            causes[n] = connectors[target]
            attempt_of[target] = n
        elif method == "connect":
            causes[n] = ""
        elif method in ("listenTCP", "listenSSL", "listenUNIX", "adoptStreamPort"):
            listening.add(_name(args["factory"]))
        elif method == "clientConnectionFailed" and args["reason"]["error"] == "refused":
            refused.add(attempt_of[_name(args["connector"])])
        elif method == "buildProtocol":
            cause = next((k for k in event.get("after", []) if k in causes), n)
            role = "client" if causes.get(cause) == target and target not in listening else "server"
            side = sides.setdefault((cause, role), _Side())
            at[_name(event.get("gives"))] = side
        elif method == "makeConnection" and target in at:
            at[_name(args["transport"])] = at[target]
        elif method == "dataReceived" and target in at:
            at[target].received += _bytes(args["data"]) * event.get("repeat", {}).get("times", 1)
        elif method in ("write", "writeSequence") and target in at and "raises" not in event and not at[target].closed:
            at[target].written += _bytes(args["data"]) * event.get("repeat", {}).get("times", 1)
        elif method in ("connectionLost", "loseWriteConnection") and target in at:
            at[target].closed = True
    streams = []
    for cause in sorted({cause for cause, _ in sides} | refused):
        client, server = sides.get((cause, "client")), sides.get((cause, "server"))
        up = server.received if server else client.written if client else b""
        down = client.received if client else server.written if server else b""
        streams.append((up, down))
    return streams


def _frames(events: dict[int, dict[str, Any]]) -> dict[str, list[bytes]]:
    frames: dict[str, list[bytes]] = {}
    devices: dict[tuple[str, str], tuple[str, int]] = {}
    for event in events.values():
        target, method = _member(event, "call", "io")
        args = event.get("args", {})
        descriptor = args.get("fd")
        if not isinstance(descriptor, dict) or "raises" in event:
            continue
        key = target, descriptor["fd"]
        if method == "ioctl":
            flags = event["gives"]["ifreq"]["flags"]
            kind = "tap" if "IFF_TAP" in flags else "tun"
            name = kind + str(sum(1 for other in frames if other.startswith(kind)))
            frames[name] = []
            devices[key] = name, 0 if "IFF_NO_PI" in flags else 4
        elif method in ("read", "write") and key in devices:
            name, skip = devices[key]
            frame = _bytes(args["data"]) if method == "write" and event["gives"] else event["gives"]
            if frame:
                frames[name].append(_bytes(frame)[skip:])
    return {name: found for name, found in frames.items() if found}
