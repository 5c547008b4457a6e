"""Timers at the pace of the recording: what came before a timer fired comes before it fires here, and what fired with it, with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .driver import Driver

#: How much later than now a timer is put that must not fire yet.
AGAIN = 0.02
#: How far apart timers may be due that are waited for together, in seconds: no recording's loop was busy longer.
LONGEST = 1.0
#: What may pass between this look at the clock and the reactor's own, in seconds.
BETWEEN = 0.001


class Pace:
    """Puts off timers that would overtake what the recording has before them, and waits for those that it has together.

    A program's timers race its connections, and a replay may be slower than the recording. So in each turn every timer
    that must not fire yet is kept from being due: all of them are moved by the same time, which leaves their order as it is.
    Or it may be faster: then the loop does not look at its timers before all are due that it took together. Nothing fires early
    by this.
    """

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def keep(self, reactor: Any) -> None:
        """Make a reactor keep the pace: from now on before it fires the timers of each turn."""
        insert: Callable[[], None] = reactor._insertNewDelayedCalls

        def inserted() -> None:
            self.driver.decoder.forget_frames()
            # The reactor looks at its clock right after this.
            insert()
            self._put_off(reactor)
            while (late := self._until_batch_is_due(reactor)) > 0:
                time.sleep(late)
                self._put_off(reactor)

        reactor._insertNewDelayedCalls = inserted

    def _until_batch_is_due(self, reactor: Any) -> float:
        """For how many seconds the loop has to be kept from looking at its timers."""
        live = self.driver.live
        if live.diverged:
            return 0
        with live.lock:
            now = end = reactor.seconds()
            batch = self.driver.judge.batch()
            while batch is not None:
                due = [timer.getTime() for name in batch.timers if (timer := live.names.objects.get(name)) is not None and timer.active()]
                if not due or not (batch.is_next or min(due) <= end + BETWEEN):
                    break
                end = max(end, *due)
                batch = self.driver.judge.batch(batch.end)
            return end - now if end - now <= LONGEST else 0

    def _put_off(self, reactor: Any) -> None:
        live = self.driver.live
        if live.diverged:
            return
        with live.lock:
            held = [(name, live.names.objects.get(name)) for name in self.driver.judge.held_timers()]
            pending = [(name, timer) for name, timer in held if timer is not None and timer.active()]
            if not pending:
                return
            first = min(timer.getTime() for _, timer in pending)
            late = reactor.seconds() + AGAIN - first
            if late <= 0:
                return
            with self.driver.inputs.aside():
                for name, timer in pending:
                    timer.delay(late)
                    self.driver.judge.put_off(name, late)
