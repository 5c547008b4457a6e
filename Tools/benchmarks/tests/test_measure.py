"""The interleaving, the report and the page, with a load that answers from a script."""

import json
import unittest
from types import SimpleNamespace
from unittest.mock import patch

from bench import docs, report
from bench.errors import CannotRun
from bench.measure import Plan, Result, Slice, measure_at, pairs_of
from bench.servers import HERE, Programs


class ScriptedLoad:
    """Gives each server the rate in `rates`, and notes who was loaded when."""

    rates: dict[str, float] = {}
    order: list[str] = []

    def __init__(self, programs: object, core: int, count: int, size: int, servers: list[SimpleNamespace]) -> None:
        self.servers = servers

    def slice(self, index: int, seconds: float) -> Slice:
        name = self.servers[index].name
        self.order.append(name)
        return Slice(self.rates[name], 1.0, 1e9 / self.rates[name], 100)

    def __enter__(self) -> "ScriptedLoad":
        return self

    def __exit__(self, *error: object) -> None:
        pass


def plan(names: list[str], pairs: int) -> Plan:
    return Plan(names, [50], pairs, 0.4, 64, 0, 1)


def measured(rates: dict[str, float], pairs: int) -> tuple[Plan, Result, list[str]]:
    """A measurement in which each server is as fast as `rates` says."""
    names = [name for name in rates if name != "control"]
    ScriptedLoad.rates, ScriptedLoad.order = rates, []
    servers = [SimpleNamespace(name=name) for name in [*names, "control"]]
    with patch("bench.measure.Load", ScriptedLoad):
        result = measure_at(50, plan(names, pairs), None, servers, lambda line: None)  # type: ignore[arg-type]
    return plan(names, pairs), result, ScriptedLoad.order


class Interleaving(unittest.TestCase):
    def test_pairs_are_everyone_beside_c_then_skein_beside_nio_then_the_control(self) -> None:
        names = [pair[0] for pair in pairs_of(["c", "skein", "libuv", "nio", "twisted"])]
        self.assertEqual(names, ["skein/c", "libuv/c", "nio/c", "twisted/c", "skein/nio", "c/c"])
        self.assertEqual([pair[0] for pair in pairs_of(["c"])], ["c/c"])

    def test_the_two_sides_of_a_pair_run_side_by_side_and_take_turns_at_being_first(self) -> None:
        _, _, order = measured({"c": 100, "nio": 80, "control": 100}, pairs=2)
        self.assertEqual(order[:3], ["c", "nio", "control"], "the warm-up")
        self.assertEqual(order[3:7], ["nio", "c", "control", "c"], "the first round")
        self.assertEqual(order[7:], ["c", "nio", "c", "control"], "the second round, other side first")

    def test_a_pair_has_as_many_ratios_as_were_asked_for(self) -> None:
        _, result, _ = measured({"c": 100, "nio": 80, "control": 100}, pairs=7)
        self.assertEqual(result.ratios["nio/c"], [0.8] * 7)


class Reports(unittest.TestCase):
    def test_a_control_off_by_more_than_a_twentieth_is_said_and_nothing_is_judged(self) -> None:
        asked, result, _ = measured({"c": 100, "skein": 120, "control": 94}, pairs=15)
        said = report.text(asked, [result], {})
        self.assertFalse(result.conclusive)
        self.assertIn("INCONCLUSIVE", said)
        self.assertIn("inconclusive at 50 connections: the C server against itself came out at 0.940", said)
        self.assertEqual([verdict.judged for verdict in report.verdicts(asked, [result])], [False])

    def test_promises_are_judged_kept_or_broken(self) -> None:
        asked, result, _ = measured({"c": 100, "skein": 89, "nio": 80, "control": 100}, pairs=15)
        found = [(str(v.promise), v.judged, v.kept) for v in report.verdicts(asked, [result])]
        self.assertEqual(
            found,
            [
                ("skein/c at 50 connections at least 0.9", True, False),
                ("skein/nio at 50 connections above 1", True, True),
            ],
        )
        self.assertIn("BROKEN", report.text(asked, [result], {}))

    def test_too_few_pairs_are_not_judged(self) -> None:
        asked, result, _ = measured({"c": 100, "skein": 50, "control": 100}, pairs=14)
        self.assertEqual([verdict.judged for verdict in report.verdicts(asked, [result])], [False])

    def test_json_holds_every_ratio_and_every_slice(self) -> None:
        asked, result, _ = measured({"c": 100, "nio": 80, "control": 100}, pairs=3)
        document = json.loads(report.as_json(asked, [result], {"nio": "2"}))
        self.assertEqual(document["results"][0]["pairs"]["nio/c"]["ratios"], [0.8] * 3)
        self.assertEqual(len(document["results"][0]["slices"]["c"]), 6)
        self.assertEqual(document["versions"], {"nio": "2"})

    def test_markdown_rows_have_as_many_columns_as_the_heading(self) -> None:
        asked, result, _ = measured({"c": 100, "nio": 80, "control": 100}, pairs=3)
        lines = [line for line in report.markdown(asked, [result], {}).splitlines() if line.startswith("|")]
        self.assertEqual({line.count("|") for line in lines}, {3})


class Page(unittest.TestCase):
    def test_figures_go_between_the_marks_and_replace_the_old_ones(self) -> None:
        for mark in ("figures", "packet figures"):
            begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
            page = f"before\n{begin}\nold\n{end}\nafter\n"
            self.assertEqual(docs.with_figures(page, "new", mark), f"before\n{begin}\n\nnew\n\n{end}\nafter\n")

    def test_a_page_without_marks_is_refused(self) -> None:
        with self.assertRaisesRegex(CannotRun, "figures: begin"):
            docs.with_figures("no marks", "new")

    def test_the_projects_page_has_the_marks(self) -> None:
        self.assertIn("new", docs.with_figures(docs.PAGE.read_text(), "new"))


class Commands(unittest.TestCase):
    def test_twisted_without_a_python_cannot_run(self) -> None:
        with self.assertRaisesRegex(CannotRun, "Python"):
            Programs(built=HERE, python=None).server("twisted")
