"""The arithmetic of the table: pairs, medians and their intervals, the control's rule, the promises."""

import random
import unittest

from bench.ratios import Promise, Spread, is_conclusive, pair_ratios


class PairRatios(unittest.TestCase):
    def test_each_rate_is_divided_by_the_one_taken_beside_it(self) -> None:
        self.assertEqual(pair_ratios([10, 30, 8], [20, 10, 8]), [0.5, 3, 1])

    def test_drift_that_hits_both_sides_of_a_pair_cancels(self) -> None:
        slowing = [100, 80, 50, 20]
        self.assertEqual(Spread.of(pair_ratios([rate * 0.9 for rate in slowing], slowing)), Spread(0.9, 0.9, 0.9))

    def test_rates_that_do_not_pair_up_are_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "2 rates cannot be paired with 1"):
            pair_ratios([1, 2], [1])


class Spreads(unittest.TestCase):
    def test_one_value_is_its_own_spread(self) -> None:
        self.assertEqual(Spread.of([0.7]), Spread(0.7, 0.7, 0.7))

    def test_no_value_has_no_spread(self) -> None:
        with self.assertRaises(ValueError):
            Spread.of([])

    def test_the_same_values_always_have_the_same_interval(self) -> None:
        values = [1.0, 0.9, 1.2, 1.1, 0.8]
        self.assertEqual(Spread.of(values), Spread.of(list(values)))

    def test_one_disturbed_pair_moves_neither_median_nor_interval(self) -> None:
        self.assertEqual(Spread.of([1.0] * 14 + [0.1]), Spread(1, 1, 1))

    def test_the_interval_is_that_of_the_medians_that_drawing_finds(self) -> None:
        # Of three values, the median of three drawn is the least with probability 7/27, far more than one in forty.
        self.assertEqual(Spread.of([1, 2, 3]), Spread(2, 1, 3))
        # Of a hundred, the median of the drawn lies within ten places of the middle about 95 times of a hundred.
        spread = Spread.of(list(range(100)))
        self.assertEqual(spread.median, 49.5)
        self.assertTrue(37 <= spread.low <= 43 and 56 <= spread.high <= 62, spread)

    def test_about_nineteen_intervals_of_twenty_hold_the_true_median(self) -> None:
        draw = random.Random(7)
        hits = 0
        for _ in range(100):
            spread = Spread.of([draw.gauss(1, 0.1) for _ in range(21)])
            hits += spread.low <= 1 <= spread.high
        self.assertTrue(88 <= hits <= 100, hits)


class Control(unittest.TestCase):
    def test_a_median_within_three_hundredths_of_1_holds(self) -> None:
        for median in (0.971, 1, 1.029):
            self.assertTrue(is_conclusive(Spread(median, 0, 9)), median)

    def test_a_median_further_off_makes_the_run_inconclusive(self) -> None:
        for median in (0.969, 1.031, 0.1, 3):
            self.assertFalse(is_conclusive(Spread(median, 1, 1)), median)


class Promises(unittest.TestCase):
    def test_a_median_may_touch_its_bound_and_an_interval_may_not(self) -> None:
        promise = Promise("a/b", "echo-50", median=0.95, interval=0.92)
        self.assertTrue(promise.is_kept(Spread(0.95, 0.921, 1)))
        self.assertFalse(promise.is_kept(Spread(0.949, 0.93, 1)))
        self.assertFalse(promise.is_kept(Spread(0.97, 0.92, 1)))

    def test_what_is_not_bounded_is_not_asked_for(self) -> None:
        self.assertTrue(Promise("a/b", "x", median=1.25).is_kept(Spread(1.25, 0, 2)))
        self.assertTrue(Promise("a/b", "x", interval=0.92).is_kept(Spread(0.93, 0.921, 2)))

    def test_a_promise_reads_as_a_line_of_the_report(self) -> None:
        promise = Promise("a/b", "echo-50", median=0.95, interval=0.92)
        self.assertEqual(str(promise), "echo-50: a/b: median at least 0.95, interval above 0.92")
