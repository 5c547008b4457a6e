"""Small traces to make captures of."""

from __future__ import annotations

import base64
from pathlib import Path

HEADER = """format: skein-trace
version: 1
features: [{feature}]
title: "a test"
producer: {{name: twisted, version: "26.10.0", platform: "linux x86_64"}}
started: "2026-11-21T03:20:00Z"
"""

SERVER = '{new: port-1}'
HOST = {4: '"127.0.0.1"', 6: '"::1"'}


def binary(data: bytes) -> str:
    """Bytes as the format has them."""
    return f'!!binary "{base64.b64encode(data).decode()}"'


def write_trace(path: Path, events: list[str], feature: str = "reactor") -> Path:
    """Writes a trace; `n`, `at` (a microsecond each) and the eof are put in. An event that begins with `end` keeps its number."""
    lines, n = [], 0
    for at, event in enumerate(events):
        if event.startswith("end: "):
            lines.append(f"--- {{{event}}}")
        else:
            n += 1
            lines.append(f"--- {{n: {n}, {_timed(event, at * 1000)}}}")
    lines.append(f"--- {{eof: {{events: {n}, open: 0, lost: 0}}}}")
    path.write_text(HEADER.format(feature=feature) + "\n".join(lines) + "\n")
    return path


def _timed(event: str, at: int) -> str:
    parts = event.split(", ", 1)
    if parts[0].startswith("in: "):
        return f"{parts[0]}, {_timed(parts[1], at)}"
    if parts[0].startswith(("after: ", "turn: ", "phase: ")):
        return f"{parts[0]}, {_timed(parts[1], at)}"
    return f"at: {at}, {event}"


def connected(family: int = 4) -> list[str]:
    """A client and a server in one program: nine events; protocol-1 is the server's, protocol-2 the client's."""
    form, host = f"ipv{family}", HOST[family]
    new = "implements: [logging]"
    return [
        f'call: reactor-1.listenTCP, args: {{port: 0, factory: {{new: factory-1, {new}}}, interface: {host}}}, gives: {SERVER}',
        f"call: port-1.getHost, gives: {{{form}: [{host}, {{port: p-1}}]}}",
        f"call: reactor-1.connectTCP, args: {{host: {host}, port: {{port: p-1}}, factory: {{new: factory-2, {new}}}}}, gives: {{new: connector-1}}",
        "call: reactor-1.run",
        f"in: 4, turn: 1, phase: io, after: [3], back: factory-1.buildProtocol, args: {{addr: {{{form}: [{host}, {{port: p-2}}]}}}}, gives: {{new: protocol-1}}",
        "in: 4, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}",
        f"in: 4, turn: 1, phase: io, after: [3], back: factory-2.buildProtocol, args: {{addr: {{{form}: [{host}, {{port: p-1}}]}}}}, gives: {{new: protocol-2}}",
        "in: 4, turn: 1, phase: io, back: protocol-2.makeConnection, args: {transport: {new: transport-2}}",
    ]


def accepted() -> list[str]:
    """A server whose peer is elsewhere: five events; protocol-1 is the server's."""
    return [
        'call: reactor-1.listenTCP, args: {port: 8080, factory: {new: factory-1}, interface: "192.0.2.80"}, gives: {new: port-1}',
        "call: reactor-1.run",
        'in: 2, turn: 1, phase: io, back: factory-1.buildProtocol, args: {addr: {ipv4: ["198.51.100.7", 50000]}}, gives: {new: protocol-1}',
        "in: 2, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}",
    ]


def back(run: int, event: str) -> str:
    """A callback directly inside `run`."""
    return f"in: {run}, turn: 2, phase: io, back: {event}"


def received(run: int, protocol: str, data: bytes) -> str:
    """Bytes that a protocol receives."""
    return back(run, f"{protocol}.dataReceived, args: {{data: {binary(data)}}}")


def written(run: int, transport: str, data: bytes) -> str:
    """Bytes written by something that the application does directly inside `run`."""
    return f"in: {run}, call: {transport}.write, args: {{data: {binary(data)}}}"


def lost(run: int, protocol: str, error: str) -> str:
    """A connection's end."""
    return back(run, f"{protocol}.connectionLost, args: {{reason: {{error: {error}}}}}")
