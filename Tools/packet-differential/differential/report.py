"""What a run says."""

from __future__ import annotations

import argparse
from pathlib import Path

from .causes import CAUSES
from .compare import SHOWN, Tally
from .errors import CannotRun
from .tshark import version

BEGIN, END = "<!-- differential: begin -->", "<!-- differential: end -->"


def is_clean(tally: Tally) -> bool:
    """Whether nothing is left to explain."""
    return not tally.unexplained and not tally.silent_causes()


def _summary(tally: Tally, arguments: argparse.Namespace, seconds: float) -> list[str]:
    return [
        f"{tally.packets:,} packets, {tally.faulty:,} of them with a fault; seed {arguments.seed}; {version()}; {seconds:.0f} s",
        f"{tally.fields:,} fields compared, of {len(tally.names)} kinds: {tally.equal:,} equal, "
        f"{sum(tally.known.values()):,} known differences in {tally.differing:,} packets, "
        f"{len(tally.unexplained):,} unexplained",
    ]


def text(tally: Tally, arguments: argparse.Namespace, seconds: float) -> str:
    """The report for a terminal."""
    lines = _summary(tally, arguments, seconds)
    for cause in CAUSES:
        lines.append(f"  known {tally.known[cause.name]:>7,} in {tally.known_packets[cause.name]:>6,} packets: {cause.name}")
    lines += [f"STOPPED: the known difference '{name}' did not happen" for name in tally.silent_causes()]
    lines += [f"UNEXPLAINED {count:>6,}: {what}" for what, count in tally.unexplained_by.most_common()]
    return "\n".join(lines + tally.unexplained[:SHOWN])


def markdown(tally: Tally, arguments: argparse.Namespace, seconds: float) -> str:
    """The report for a document."""
    lines = [f"- {line}" for line in _summary(tally, arguments, seconds)]
    lines += ["", "| known difference | fields | packets | reason |", "| --- | --- | --- | --- |"]
    for cause in CAUSES:
        counts = f"{tally.known[cause.name]:,} | {tally.known_packets[cause.name]:,}"
        lines.append(f"| {cause.name} | {counts} | {cause.reason} |")
    return "\n".join(lines)


def put_figures(figures: str, page: Path) -> None:
    """Put the figures of a run into the page, between its marks."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise CannotRun(f"{page}: expected the lines {BEGIN!r} and {END!r}, in this order")
    page.write_text(f"{before}{begin}\n\n{figures}\n\n{end}{after}")
