"""The list of every selected test with what became of it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Iterable

import twisted

from ..format import kind_of_object, members
from .journal import Event
from .outcome import Outcome

PARTS = {
    "SSL": "TLS",
    "UDP": "UDP",
    "Multicast": "multicast",
    "UNIX": "UNIX sockets",
    "Process": "processes",
    "Datagram": "UDP",
}


def waits_for(events: Iterable[Event]) -> str:
    """The parts of the Swift reactor that a trace needs and that are not built, in words; empty if there is none."""
    missing: set[str] = set()
    for event in events:
        target, dot, name = str(event.get("call", "")).partition(".")
        member = members().get((kind_of_object(target), "call", name)) if dot else None
        if member is not None and not member.swift:
            missing.update(part for word, part in PARTS.items() if word in name)
    return ", ".join(sorted(missing))


def write(path: Path, outcomes: list[Outcome], made_by: str) -> None:
    """Writes the manifest: the same text for the same outcomes. `made_by` is the line that says by what, such as `reactor: epoll`."""
    counts = Counter(outcome.state for outcome in outcomes)
    lines = [
        "# What became of each test: traced; not expressible (why); waits for (what is not built); not run here (why).",
        f"twisted: {json.dumps(twisted.__version__)}",
        made_by,
        "counts: {" + ", ".join(f"{json.dumps(state)}: {counts[state]}" for state in sorted(counts)) + "}",
        f"total: {len(outcomes)}",
        "tests:",
    ]
    for outcome in sorted(outcomes, key=lambda outcome: outcome.test):
        keys = {"case": outcome.case, "state": outcome.state}
        if outcome.why:
            keys["why"] = outcome.why
        if outcome.path is not None:
            keys["trace"] = outcome.relative
        lines.append(f"  {json.dumps(outcome.test)}: " + "{" + ", ".join(f"{k}: {json.dumps(v)}" for k, v in keys.items()) + "}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
