"""The memory of idle connections."""

import unittest

from bench import idle
from bench.errors import CannotRun


class Idle(unittest.TestCase):
    def test_the_memory_of_a_process_is_its_own(self) -> None:
        self.assertEqual(idle.own_memory("VmRSS:\t  900 kB\nRssAnon:\t     12 kB\n"), 12 * 1024)
        with self.assertRaises(CannotRun):
            idle.own_memory("VmRSS:\t  900 kB\n")

    def test_skein_has_to_stay_below_swiftnio(self) -> None:
        self.assertTrue(idle.is_kept({"skein": 500.0, "nio": 501.0}))
        self.assertFalse(idle.is_kept({"skein": 500.0, "nio": 500.0}))
        self.assertTrue(idle.is_kept({"c": 50.0, "skein": 500.0}))
