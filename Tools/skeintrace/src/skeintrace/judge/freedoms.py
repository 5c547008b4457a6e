"""The named freedoms: the only ways in which a run may differ from its recording, each counted when used."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .drift import CLOCK, THREAD
from .recording import Event

FREEDOMS = {
    "cross-strand": "two callbacks from the poll, of different strands, with no path of edges between them",
    "timer-io": "two callbacks with no path between them, one of which waited for a clock, itself or by what led to it",
    "cross-thread": "the same with another thread in place of the clock; and events of two threads, with no thread edge between them",
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


def freedom_to_swap(before: Event, after: Event, waited: frozenset[str]) -> str | None:
    """The freedom by which two callbacks of different strands without a path may change places, if there is one.

    `waited` says what one of the two waited for, itself or by what led to it. Two pending timers are no matter of freedom:
    they follow the live order of their due times.
    """
    if before.thread is not None or after.thread is not None:
        return "cross-thread"
    phases = {before.phase, after.phase}
    if phases == {"io"}:
        return "cross-strand"
    if phases <= {"io", "timer", "thread"}:
        if THREAD in waited:
            return "cross-thread"
        if CLOCK in waited:
            return "timer-io"
    if phases == {"shutdown"} and before.of is None and after.of is None:
        return "shutdown-set"
    return None
