"""The arithmetic of the table: pairs, medians, quartiles, the control's rule, the promises."""

import unittest

from bench.ratios import PROMISES, Promise, Spread, is_conclusive, pair_ratios


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
    def test_the_median_lies_between_the_quartiles(self) -> None:
        self.assertEqual(Spread.of([5, 1, 4, 2, 3]), Spread(3, 2, 4))
        self.assertEqual(Spread.of([4, 1, 3, 2]), Spread(2.5, 1.75, 3.25))

    def test_one_disturbed_pair_does_not_move_the_median(self) -> None:
        self.assertEqual(Spread.of([1.0] * 14 + [0.1]).median, 1)

    def test_one_value_is_its_own_spread(self) -> None:
        self.assertEqual(Spread.of([0.7]), Spread(0.7, 0.7, 0.7))

    def test_no_value_has_no_spread(self) -> None:
        with self.assertRaises(ValueError):
            Spread.of([])


class Control(unittest.TestCase):
    def test_a_median_within_a_twentieth_of_1_holds(self) -> None:
        for median in (0.951, 1, 1.049):
            self.assertTrue(is_conclusive(Spread(median, 0, 9)), median)

    def test_a_median_further_off_makes_the_run_inconclusive(self) -> None:
        for median in (0.949, 1.051, 0.1, 3):
            self.assertFalse(is_conclusive(Spread(median, 1, 1)), median)


class Promises(unittest.TestCase):
    def test_at_least_includes_the_bound_and_above_does_not(self) -> None:
        self.assertTrue(Promise("a/b", 50, 0.9).is_kept(0.9))
        self.assertFalse(Promise("a/b", 50, 0.9).is_kept(0.899))
        self.assertFalse(Promise("a/b", 50, 1, strictly=True).is_kept(1))
        self.assertTrue(Promise("a/b", 50, 1, strictly=True).is_kept(1.001))

    def test_skein_promises_nine_tenths_of_c_and_more_than_swiftnio(self) -> None:
        self.assertEqual(
            [str(promise) for promise in PROMISES],
            ["skein/c at 50 connections at least 0.9", "skein/nio at 50 connections above 1"],
        )
