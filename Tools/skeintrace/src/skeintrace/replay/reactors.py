"""Where one of Twisted's own reactors does otherwise than the one that a trace was recorded on, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .worker import Result


@dataclass(frozen=True)
class Difference:
    """One difference of one case on one reactor: at one event, with what happens instead."""

    case: str
    reactor: str
    event: int
    happened: str
    why: str


KNOWN = (
    Difference(
        "twisted/test_fdset/ReactorFDSet/negativeOneFileDescriptor", "select", 14,
        'reader-1.connectionLost(reason={error: "value-error"})',
        "select asks all readers before it waits and loses one of -1 with the ValueError that this raises;"
        " epoll and poll find it when its turn comes",
    ),
    Difference(
        "program/descriptor_taken_over", "select", 9, "reader-1.doRead()",
        "select keeps objects and not numbers: each object on a descriptor is served; epoll and poll keep the latest",
    ),
    Difference(
        "program/descriptor_written_though_removed", "select", 13, "reactor-1.run ended",
        "select asks again whether an object is registered, before each direction; epoll and poll serve what was reported",
    ),
)  # fmt: skip


def judged(result: Result) -> Result:
    """A result, `kept` where a known difference showed, and `unneeded` where it should have and did not."""
    title = result.verdict.get("title")
    for known in KNOWN:
        if (known.case, known.reactor) != (title, result.case.reactor):
            continue
        found = result.verdict.get("divergence") or {}
        if result.state == "agrees":
            return replace(result, state="unneeded", text=f"it agrees, and was known to differ: {known.why}")
        if result.state == "diverges" and found.get("event") == known.event and found["happened"].startswith(known.happened):
            return replace(result, state="kept", text=known.why)
    return result
