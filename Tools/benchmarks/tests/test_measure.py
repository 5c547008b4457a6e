"""The interleaving, the report and the page, with a load that answers from a script."""

import json
import unittest

from bench import docs, report
from bench.errors import CannotRun
from bench.measure import Plan, Result, Slice, interleave
from bench.servers import HERE, Programs, product
from bench.workloads import PEERS, PROMISES, WORKLOADS, Workload

ECHO = Workload("echo-50", "echo, 50 connections, 64 B", 50, 64, ("nio",))


class ScriptedLoad:
    """Gives each server the rate in `rates`, and notes who was loaded when."""

    def __init__(self, rates: dict[str, float]) -> None:
        self.rates = rates
        self.order: list[str] = []

    def slice(self, index: int, seconds: float) -> Slice:
        name = [*self.rates][index]
        self.order.append(name)
        return Slice(self.rates[name], 1.0, 2e9 / self.rates[name] ** 2, 100)


def measured(rates: dict[str, float], pairs: int, workload: Workload = ECHO) -> tuple[Plan, Result, list[str]]:
    """A measurement in which each server is as fast as `rates` says, the control last."""
    plan = Plan([name for name in rates if name not in ("control", "recorded")], [workload], pairs, 0.4, 0, 1)
    load = ScriptedLoad(rates)
    result = interleave(workload, plan, load, lambda line: None)  # type: ignore[arg-type]
    return plan, result, load.order


class Interleaving(unittest.TestCase):
    def test_pairs_are_everyone_beside_c_then_skein_beside_others_then_the_control(self) -> None:
        workload = Workload("x", "x", 50, 64, ("libuv", "nio"))
        names = [pair[0] for pair in workload.pairs(list(PEERS))]
        self.assertEqual(
            names, ["skein/c", "libuv/c", "nio/c", "twisted/c", "skein/libuv", "skein/nio", "c/c"])
        self.assertEqual([pair[0] for pair in workload.pairs(["c"])], ["c/c"])
        self.assertEqual([pair[0] for pair in workload.pairs(["c", "nio"])], ["nio/c", "c/c"])

    def test_a_recorded_server_is_paired_with_the_one_that_is_not(self) -> None:
        workload = Workload("x", "x", 50, 64, is_recorded=True)
        self.assertEqual(workload.among(["c", "nio"]), ["c", "nio"])
        self.assertEqual([pair[0] for pair in workload.pairs(["c", "skein"])], ["skein/c", "recorded/skein", "c/c"])
        _, result, _ = measured({"c": 100, "skein": 90, "recorded": 45, "control": 100}, pairs=3, workload=workload)
        self.assertEqual(result.ratios["recorded/skein"], [0.5] * 3)

    def test_the_two_sides_of_a_pair_run_side_by_side_and_take_turns_at_being_first(self) -> None:
        _, _, order = measured({"c": 100, "nio": 80, "control": 100}, pairs=2)
        self.assertEqual(order[:3], ["c", "nio", "control"], "the warm-up")
        self.assertEqual(order[3:7], ["nio", "c", "control", "c"], "the first round")
        self.assertEqual(order[7:], ["c", "nio", "c", "control"], "the second round, other side first")

    def test_a_pair_has_as_many_ratios_as_were_asked_for(self) -> None:
        _, result, _ = measured({"c": 100, "nio": 80, "control": 100}, pairs=7)
        self.assertEqual(result.ratios["nio/c"], [0.8] * 7)


    def test_where_the_server_waits_for_the_load_what_counts_is_its_processor_time(self) -> None:
        workload = Workload("x", "x", 1, 64, by_processor=True)
        _, result, _ = measured({"c": 100, "nio": 80, "control": 100}, pairs=3, workload=workload)
        self.assertEqual([round(ratio, 6) for ratio in result.ratios["nio/c"]], [0.64] * 3)
        self.assertEqual(report.rows([result])[1][0], "x *")

    def test_what_takes_long_is_measured_in_fewer_pairs_and_not_judged(self) -> None:
        workload = Workload("echo-4k", "x", 1, 64, ("libuv",), most_pairs=2)
        _, result, _ = measured({"c": 100, "skein": 90, "libuv": 90, "control": 100}, pairs=15, workload=workload)
        self.assertEqual(len(result.ratios["skein/libuv"]), 2)
        self.assertEqual([verdict.judged for verdict in report.verdicts([result])], [False])


class Workloads(unittest.TestCase):
    def test_each_promise_is_about_a_pair_that_its_workload_measures(self) -> None:
        pairs = {workload.name: [pair[0] for pair in workload.pairs(list(PEERS))] for workload in WORKLOADS}
        self.assertEqual(len(pairs), len(WORKLOADS), "two workloads of one name")
        for promise in PROMISES:
            self.assertIn(promise.pair, pairs[promise.workload])

    def test_each_program_has_its_source(self) -> None:
        for workload in WORKLOADS:
            for name in workload.among(PEERS):
                if name == "twisted":
                    self.assertTrue((HERE / f"{workload.program}_twisted.py").is_file())
                else:
                    folder = HERE / "nio" if name == "nio" else HERE
                    self.assertTrue((folder / "Sources" / product(name, workload)).is_dir())


class Reports(unittest.TestCase):
    def test_a_control_that_is_off_is_said_and_nothing_is_judged(self) -> None:
        asked, result, _ = measured({"c": 100, "skein": 120, "control": 94}, pairs=15)
        said = report.text(asked, [result], {})
        self.assertFalse(result.conclusive)
        self.assertIn("INCONCLUSIVE", said)
        self.assertIn("inconclusive at echo-50: the C server against itself came out at 0.940", said)
        self.assertEqual([verdict.judged for verdict in report.verdicts([result])], [False])

    def test_promises_are_judged_kept_or_broken(self) -> None:
        asked, result, _ = measured({"c": 100, "skein": 94, "nio": 60, "control": 100}, pairs=15)
        found = [(str(v.promise), v.judged, v.kept) for v in report.verdicts([result])]
        self.assertEqual(
            found,
            [
                ("echo-50: skein/c: median at least 0.95, interval above 0.92", True, False),
                ("echo-50: skein/nio: median at least 1.25", True, True),
            ],
        )
        self.assertIn("BROKEN", report.text(asked, [result], {}))

    def test_too_few_pairs_are_not_judged(self) -> None:
        asked, result, _ = measured({"c": 100, "skein": 50, "control": 100}, pairs=14)
        self.assertEqual([verdict.judged for verdict in report.verdicts([result])], [False])

    def test_json_holds_every_ratio_and_every_slice(self) -> None:
        asked, result, _ = measured({"c": 100, "nio": 80, "control": 100}, pairs=3)
        document = json.loads(report.as_json(asked, [result], {"nio": "2"}))
        self.assertEqual(document["results"][0]["workload"], "echo-50")
        self.assertEqual(document["results"][0]["pairs"]["nio/c"]["ratios"], [0.8] * 3)
        self.assertEqual(len(document["results"][0]["slices"]["c"]), 6)
        self.assertEqual(document["versions"], {"nio": "2"})

    def test_a_row_has_a_cell_for_each_pair_of_any_workload(self) -> None:
        rates: dict[str, float] = {"c": 100, "skein": 90, "libuv": 80, "control": 100}
        asked, first, _ = measured(rates, pairs=3)
        _, second, _ = measured(rates, pairs=3, workload=Workload("x", "x", 1, 64, ("libuv",)))
        table = report.rows([first, second])
        self.assertEqual(table[0], ["workload", "skein/c", "libuv/c", "skein/libuv", "c/c"])
        self.assertEqual((table[1][3], table[2][3]), ("", "1.125 (1.125–1.125)"))
        lines = [line for line in report.markdown(asked, [first, second], {}).splitlines() if line.startswith("|")]
        self.assertEqual({line.count("|") for line in lines[:4]}, {6})


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
            Programs(built=HERE, nio=None, python=None).server("twisted", ECHO)
