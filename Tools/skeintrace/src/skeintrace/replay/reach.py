"""Where a stranger's trace may reach: in a network of its own anywhere, in this one only the loopback."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from ..judge.recording import Event, Recording

CONNECTING = frozenset({"connectTCP", "connectSSL"})
LISTENING = frozenset({"listenTCP", "listenSSL", "listenUDP", "listenMulticast"})


def refused(event: Event, recording: Recording) -> str | None:
    """Why a call may not be made in the machine's own network, or `None` when it may."""
    for method, args in _calls(event):
        if method in CONNECTING:
            host = args.get("host")
            if not _is_loopback(host) and not (_is_name(host) and _brings_resolver(recording)):
                return f"{method} to {host!r} leaves this machine: run it in a namespace"
        elif method in LISTENING and not _is_loopback(args.get("interface", "")):
            return f"{method} on {args.get('interface', '')!r} can be reached from outside: run it in a namespace"
    return None


def _calls(event: Event) -> list[tuple[str, Mapping[str, Any]]]:
    """The call itself, and the method of the reactor's that it hands over with its arguments."""
    calls: list[tuple[str, Mapping[str, Any]]] = [(event.method, event.args)]
    handed = event.args.get("callable")
    if isinstance(handed, Mapping) and "method" in handed:
        method = str(handed["method"][1])
        names = ("host", "port", "factory") if method in CONNECTING else ("port", "factory", "backlog", "interface")
        calls.append((method, {**dict(zip(names, event.args.get("args", ()))), **event.args.get("kwargs", {})}))
    return calls


def _is_loopback(host: Any) -> bool:
    if isinstance(host, Mapping):
        return "host" in host
    if not isinstance(host, str):
        return False
    try:
        place = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return place.is_loopback


def _is_name(host: Any) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return isinstance(host, str)
    return False


def _brings_resolver(recording: Recording) -> bool:
    """Whether names are answered by the trace itself."""
    return any(event.kind == "call" and event.method in ("installResolver", "installNameResolver") for event in recording.events.values())
