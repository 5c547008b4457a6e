"""Timers at the pace of the recording: what came before a timer fired comes before it fires here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .driver import Driver

#: How much later than now a timer is put that must not fire yet.
AGAIN = 0.02


class Pace:
    """Puts off timers that would overtake what the recording has before them.

    A program's timers race its connections, and a replay may be slower than the recording. So in each turn every timer
    that must not fire yet is kept from being due: all of them are moved by the same time, which leaves their order as it is.
    Nothing fires early by this.
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

        reactor._insertNewDelayedCalls = inserted

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
