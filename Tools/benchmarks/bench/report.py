"""What a run says: a table for people, one for Markdown, and everything as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from .measure import Plan, Result
from .ratios import CONFIDENCE, CONTROL_TOLERANCE, PAIRS_FOR_A_VERDICT, Promise, Spread
from .workloads import CONTROL, PROMISES


@dataclass(frozen=True)
class Verdict:
    """How one promise fared."""

    promise: Promise
    ratio: Spread
    judged: bool

    @property
    def kept(self) -> bool:
        """Whether the ratio keeps it."""
        return self.promise.is_kept(self.ratio)

    def __str__(self) -> str:
        """One line of the report."""
        found = f"{self.promise}: {self.ratio}"
        if not self.judged:
            return f"{found}, not judged (needs {PAIRS_FOR_A_VERDICT} pairs and a control that holds)"
        return f"{found}, {'kept' if self.kept else 'BROKEN'}"


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """The promises about what was measured."""
    at = {result.workload.name: result for result in results}
    found = []
    for promise in PROMISES:
        result = at.get(promise.workload)
        if result and promise.pair in result.ratios:
            judged = result.conclusive and len(result.ratios[promise.pair]) >= PAIRS_FOR_A_VERDICT
            found.append(Verdict(promise, result.spread(promise.pair), judged))
    return found


def rows(results: Sequence[Result]) -> list[list[str]]:
    """The table of ratios, its heading first: a row a workload, a column a pair, the control last."""
    pairs = list(dict.fromkeys(pair for result in results for pair in result.ratios if pair != CONTROL))
    table = [["workload", *pairs, CONTROL]]
    for result in results:
        cells = [str(result.spread(pair)) if pair in result.ratios else "" for pair in [*pairs, CONTROL]]
        if not result.conclusive:
            cells[-1] += " INCONCLUSIVE"
        table.append([f"{result.workload.what}{' *' if result.workload.by_processor else ''}", *cells])
    return table


def rate_rows(results: Sequence[Result]) -> list[list[str]]:
    """The table of rates, its heading first: what this machine did, and whether the server was what it waited for."""
    names = list(dict.fromkeys(name for result in results for name in result.slices if name != "control"))
    table = [["a second", *names]]
    for result in results:
        row = [f"{result.workload.what}: {result.workload.unit}"]
        for name in names:
            slices = result.slices.get(name)
            if not slices:
                row.append("")
                continue
            rate, busy, cost = (median(getattr(taken, value) for taken in slices) for value in ("rate", "busy", "cost"))
            row.append(f"{rate:,.0f} (busy {busy:.0%}, {cost / 1000:.2f} µs)")
        table.append(row)
    return table


def aligned(table: Sequence[Sequence[str]]) -> str:
    """A table in columns."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in table)


def markdown_table(table: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    heading, *body = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([heading, "| --- " * len(table[0]) + "|", *body])


def conditions(plan: Plan, versions: Mapping[str, str]) -> list[str]:
    """What was measured, and how."""
    return [
        f"{plan.pairs} interleaved pairs of {plan.slice:g} s slices, over TCP on loopback; "
        f"server on core {plan.server_core}, load on core {plan.load_core}",
        f"ratios of what is done in a second, * of the server's processor time: median ({CONFIDENCE:.0%} bootstrap interval); control: two processes of the C server, "
        f"1 ± {CONTROL_TOLERANCE:g}",
        *(f"{name}: {version}" for name, version in versions.items()),
    ]


def inconclusive(results: Sequence[Result]) -> list[str]:
    """A line for each workload whose control did not hold."""
    return [
        f"inconclusive at {result.workload.name}: the C server against itself came out at "
        f"{result.spread(CONTROL).median:.3f}; try again on a quieter machine"
        for result in results
        if not result.conclusive
    ]


def text(plan: Plan, results: Sequence[Result], versions: Mapping[str, str]) -> str:
    """The report for a terminal."""
    lines = [str(verdict) for verdict in verdicts(results)] + inconclusive(results)
    parts = ["\n".join(conditions(plan, versions)), aligned(rows(results)), aligned(rate_rows(results))]
    return "\n\n".join([*parts, "\n".join(lines)] if lines else parts)


def markdown(plan: Plan, results: Sequence[Result], versions: Mapping[str, str]) -> str:
    """The report for a document."""
    parts = ["\n".join(f"- {line}" for line in conditions(plan, versions))]
    parts += [markdown_table(rows(results)), markdown_table(rate_rows(results))]
    lines = [str(verdict) for verdict in verdicts(results)] + inconclusive(results)
    if lines:
        parts.append("\n".join(f"- {line}" for line in lines))
    return "\n\n".join(parts)


def as_json(plan: Plan, results: Sequence[Result], versions: Mapping[str, str]) -> str:
    """Everything, each slice included."""
    document = {
        "plan": asdict(plan),
        "versions": dict(versions),
        "results": [
            {
                "workload": result.workload.name,
                "conclusive": result.conclusive,
                "pairs": {
                    name: {**asdict(result.spread(name)), "ratios": ratios} for name, ratios in result.ratios.items()
                },
                "slices": {name: [asdict(taken) for taken in slices] for name, slices in result.slices.items()},
            }
            for result in results
        ],
        "promises": [
            {"promise": str(v.promise), "ratio": asdict(v.ratio), "judged": v.judged, "kept": v.kept}
            for v in verdicts(results)
        ],
    }
    return json.dumps(document, indent=2)
