"""Where derived peers connect from and to."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from ..judge.recording import Event as Recorded
from ..judge.recording import Recording, Returned
from ..judge.strands import Strands
from ..judge.values import first_reference
from .journal import Event

#: What the header's `redacted` says when hosts were replaced.
HOSTS = "peer-hosts"
_LOOPBACK = {"ipv4": "127.0.0.1", "ipv6": "::1"}


@dataclass
class Place:
    """Both ends of a connection, and the call that listens for it."""

    client: dict[str, Any]
    server: dict[str, Any]
    listening: int


class Places:
    """The addresses of a trace. Hosts that are no loopback's are written as if they were: a replay has no others."""

    def __init__(self, recording: Recording, strands: Strands) -> None:
        self._recording = recording
        self._strands = strands
        self._listening: dict[str, list[Recorded]] = {}
        self._told: dict[str, Any] = {}
        self._strange: set[str] = set()
        self._names = 0
        for event in recording.events.values():
            self._names = max([self._names, *(int(number) for number in re.findall(r"'port': 'p-(\d+)'", repr((event.args, event.outcome))))])  # fmt: skip
            if event.kind != "call" or not isinstance(event.outcome, Returned):
                continue
            if event.method in ("listenTCP", "listenSSL", "adoptStreamPort"):
                self._listening.setdefault(first_reference(event.args.get("factory")) or "", []).append(event)
            elif event.method == "getHost":
                self._told.setdefault(event.target, event.outcome.value)
        self._made: dict[str, Any] = {}

    def of(self, built: Recorded, strand: str) -> Place | str:
        """Where an accepted connection comes from and went to, or why that cannot be told."""
        client = built.args.get("addr")
        form = next((form for form in ("ipv4", "ipv6") if isinstance(client, dict) and form in client), None)
        if client is None or form is None:
            return "only TCP connections are derived"
        transport = self._strands.transports.get(strand, "")
        if any(event.method == "startTLS" and event.target == transport for event in self._recording.events.values()):
            return "what goes over TLS cannot be derived"
        calls = self._listening.get(built.target, [])
        told = self._told.get(transport)
        if len(calls) != 1:
            calls = [call for call in calls if told is not None and self._port(call, None) == told[form][1]]
        if len(calls) != 1 or calls[0].method != "listenTCP":
            return "the port that accepted it cannot be told"
        call = calls[0]
        host = str(call.args.get("interface", ""))
        if host in ("", "0.0.0.0", "::"):
            host = self._near(form, client[form][0])
        for known in (client, told):
            if isinstance(known, dict) and form in known and not is_loopback(known[form][0]):
                self._strange.add(known[form][0])
        return Place(client, {form: [host, self._port(call, told[form][1] if told is not None else None)]}, call.n)

    def _near(self, form: str, host: Any) -> str:
        mapped = isinstance(host, str) and host.startswith("::ffff:")
        return "::ffff:127.0.0.1" if mapped else _LOOPBACK[form]

    def _port(self, call: Recorded, told: Any) -> Any:
        """The port that a call listens on: as it was asked for, or as the trace names what the system chose."""
        asked = call.args.get("port")
        if asked != 0:
            return asked
        name = first_reference(call.outcome.value) if isinstance(call.outcome, Returned) else None
        known = self._told.get(name or "")
        if isinstance(known, dict):
            return next(iter(known.values()))[1]
        if told is not None:
            return told
        if name not in self._made:
            self._names += 1
            self._made[name or ""] = {"port": f"p-{self._names}"}
        return self._made[name or ""]

    def localise(self, events: list[Event], header: dict[str, Any]) -> None:
        """Writes the loopback's address in the place of the hosts that peers had in the network."""
        if not self._strange:
            return
        for event in events:
            for key in ("args", "gives"):
                if key in event:
                    event[key] = self._localised(event[key])
        header["redacted"] = sorted({*header.get("redacted", ()), HOSTS})

    def _localised(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._localised(item) for item in value]
        if not isinstance(value, dict):
            return value
        for form, loopback in _LOOPBACK.items():
            if form in value and isinstance(value[form], list) and value[form][0] in self._strange:
                return {**value, form: [loopback, value[form][1]]}
        return {key: self._localised(item) for key, item in value.items()}


def is_loopback(host: Any) -> bool:
    """Whether a host is this machine's own, by its address."""
    try:
        place = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    mapped = getattr(place, "ipv4_mapped", None)
    return (mapped or place).is_loopback

