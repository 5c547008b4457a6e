"""The named freedoms: the only ways in which a run may differ from its recording, each counted when used."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .recording import Event

FREEDOMS = {
    "cross-strand": "two callbacks from the poll, of different strands, with no path of edges between them",
    "timer-io": "a callback from the poll against a timer of a delay above 0, with no path between them",
    "cross-thread": "events of different threads, with no thread edge between them",
    "shutdown-set": "the order in which shutdown loses descriptors, which is a set",
    "equal-due": "timers due at the same time, as far as the clock tells",
    "unordered-return": "the order of a result that is a set",
    "chunks": "where a stream of bytes is cut into deliveries",
    "repeat-count": "how often a folded callback comes",
    "abort-tail": "how much a peer still reads between an abort and its own loss of the connection",
    "clock-rounding": "less than a microsecond between two readings of a clock",
    "join": "a call made inside the last of the callbacks that it needs, and not inside the recorded one",
}


@dataclass
class Freedoms:
    """Which freedoms may be used, and how often each was."""

    disabled: frozenset[str] = frozenset()
    used: Counter[str] = field(default_factory=Counter)

    def use(self, name: str) -> bool:
        """Use a freedom: counts it, and says whether it is allowed."""
        if name in self.disabled:
            return False
        self.used[name] += 1
        return True

    def allowed(self, name: str) -> bool:
        """Whether a freedom may be used."""
        return name not in self.disabled


def freedom_to_swap(before: Event, after: Event, delayed: bool) -> str | None:
    """The freedom by which two callbacks of different strands without a path may change places, if there is one.

    `delayed` says that the one of the two that is a timer's had a delay above 0. Two timers are no matter of freedom:
    they follow the live order of their due times.
    """
    if before.thread != after.thread:
        return "cross-thread"
    if before.phase == "io" and after.phase == "io":
        return "cross-strand"
    if {before.phase, after.phase} == {"io", "timer"} and delayed:
        return "timer-io"
    if before.phase == "shutdown" and after.phase == "shutdown" and before.of is None and after.of is None:
        return "shutdown-set"
    return None
