"""The traces that are measured, and the promises about them."""

import tempfile
import unittest
from pathlib import Path

from bench import docs, traces


class Traces(unittest.TestCase):
    def test_an_event_is_renumbered_with_all_that_it_names(self) -> None:
        for line, moved in [
            ("--- {n: 7, in: 2, turn: 1, after: [4, 5], at: 3}\n", "--- {n: 107, in: 102, turn: 1, after: [104, 105], at: 3}\n"),
            ("--- {end: 7, at: 3, gives: 7}\n", "--- {end: 107, at: 3, gives: 7}\n"),
            ("--- {n: 1, at: 3, call: reactor-1.run}\n", "--- {n: 101, at: 3, call: reactor-1.run}\n"),
        ]:
            self.assertEqual(traces.renumbered(line, 100), moved)

    def test_the_trace_is_numbered_through_and_ends_with_its_count(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trace.yaml"
            traces.write_trace(path, 9000)
            lines = path.read_text().splitlines()
        numbers = [int(line.split()[2].rstrip(",}")) for line in lines if line.startswith("--- {n: ")]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual(lines[-1], f"--- {{eof: {{events: {len(numbers)}, open: 0, lost: 0}}}}")
        self.assertGreaterEqual(len(lines), 9000)

    def test_promises_are_kept_broken_or_not_judged(self) -> None:
        good = traces.Measured("read", {"skein/c": [2.0], "c/c": [1.0], "skein/pyyaml": [30.0]})
        slow = traces.Measured("read", {"skein/c": [0.9], "c/c": [1.0], "skein/pyyaml": [9.0]})
        noisy = traces.Measured("read", {"skein/c": [2.0], "c/c": [1.2], "skein/pyyaml": [30.0]})
        flat = {10_000: {"skein": 100}, 1_000_000: {"skein": 110}}
        grown = {10_000: {"skein": 100}, 1_000_000: {"skein": 111}}
        for measured, peaks, expected in [
            (good, flat, [True, True, True]), (slow, grown, [False, False, False]), (noisy, {}, [None, None])
        ]:
            self.assertEqual([kept for _, kept in traces.promises([measured], peaks, 15)], expected)

    def test_the_projects_page_has_the_mark(self) -> None:
        self.assertIn("new", docs.with_figures(docs.PAGE.read_text(), "new", "trace figures"))
