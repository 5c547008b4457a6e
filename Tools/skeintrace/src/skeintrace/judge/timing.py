"""Timers and turns: nothing fires before it is due, timers fire in the order of their live due times, and what is asked
for with no delay comes in the turn that the reactor promises."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Two clock readings nearer than this (nanoseconds) are equal: doubles of seconds since the epoch resolve no better.
ROUNDING = 1_000


@dataclass(frozen=True)
class Moment:
    """When something happened in a run: the clock in nanoseconds, and where in the loop."""

    at: int
    turn: int | None = None
    phase: str | None = None


@dataclass
class Timer:
    """A pending timer: the earliest and the latest moment at which it can be due, and when it was asked for."""

    name: str
    earliest: float
    latest: float
    delay: float
    asked: Moment
    #: Whether it was asked for before the loop had turned at all.
    before_the_loop: bool
    moved: bool = False


@dataclass
class Stop:
    """A `stop` whose shutdown has not begun: where it was called."""

    asked: Moment


@dataclass
class Timing:
    """The pending timers of one run and what its clock and turns demand."""

    pending: dict[str, Timer] = field(default_factory=dict)
    #: What the reactor's own thread has handed to `callFromThread` and has not been called yet, in order.
    queue: list[str] = field(default_factory=list)
    stop: Stop | None = None
    #: Whether the loop has turned yet: until then no turn can be told for what is asked outside every callback.
    turned: bool = False

    def schedule(self, name: str, delay: float, asked: Moment, returned: int) -> None:
        """A `callLater` was made at `asked` and had returned by `returned`."""
        shift = min(delay * 1e9, 1e30)
        self.pending[name] = Timer(name, asked.at + shift, returned + shift, delay, asked, not self.turned)

    def reset(self, name: str, delay: float, asked: Moment, returned: int) -> None:
        """A pending timer was reset: it is due `delay` seconds from now."""
        timer = self.pending.get(name)
        if timer is not None:
            timer.earliest, timer.latest, timer.moved = asked.at + delay * 1e9, returned + delay * 1e9, True

    def postpone(self, name: str, delay: float) -> None:
        """A pending timer was delayed: it is due `delay` seconds later than before."""
        timer = self.pending.get(name)
        if timer is not None:
            timer.earliest, timer.latest, timer.moved = timer.earliest + delay * 1e9, timer.latest + delay * 1e9, True

    def put_off(self, name: str, delay: float) -> None:
        """A pending timer was put off by whoever plays the application: it is due later, and nothing else is changed."""
        timer = self.pending.get(name)
        if timer is not None:
            timer.earliest, timer.latest = timer.earliest + delay * 1e9, timer.latest + delay * 1e9

    def cancel(self, name: str) -> None:
        """A timer will not fire."""
        self.pending.pop(name, None)

    def queued(self, name: str) -> None:
        """A `callFromThread` was made in the reactor's own thread."""
        self.queue.append(name)

    def fired(self, name: str) -> None:
        """A timer has fired, or a call from a thread been made."""
        self.cancel(name)
        if name in self.queue:
            self.queue.remove(name)

    def due_turn(self, name: str) -> int | None:
        """The turn in which a timer of no delay fires, or `None` when nothing is promised."""
        timer = self.pending.get(name)
        if timer is None or timer.delay != 0 or timer.moved:
            return None
        if timer.asked.turn is None:
            return 1 if timer.before_the_loop else None
        return timer.asked.turn if timer.asked.phase == "thread" else timer.asked.turn + 1

    def stopped(self, asked: Moment) -> None:
        """`stop` was called."""
        self.stop = Stop(asked)

    def shutdown_turn(self) -> int | None:
        """The turn in which the shutdown event begins, or `None` when nothing is promised."""
        if self.stop is None or self.stop.asked.turn is None:
            return None
        turn, phase = self.stop.asked.turn, self.stop.asked.phase
        if phase in ("thread", "timer"):
            return turn
        return turn + 1 if phase in ("io", "startup") else None

    def early(self, name: str, at: int) -> float:
        """By how many nanoseconds a firing at `at` comes before the timer can be due; 0 when it does not."""
        timer = self.pending.get(name)
        return max(0.0, timer.earliest - at) if timer is not None else 0.0

    def overtaken(self, name: str) -> tuple[str, bool] | None:
        """A pending timer that was due before `name`, and whether the clock cannot tell the two apart."""
        firing = self.pending.get(name)
        if firing is None:
            return None
        for other in self.pending.values():
            if other is not firing and other.latest + ROUNDING < firing.earliest:
                return other.name, False
        return None

    def indistinct(self, one: str, other: str) -> bool:
        """Whether two pending timers may be due at the same time, as far as the clock tells."""
        a, b = self.pending.get(one), self.pending.get(other)
        if a is None or b is None:
            return False
        return a.earliest < b.latest and b.earliest < a.latest

    def precedes(self, one: str, other: str) -> bool:
        """Whether a pending timer is due before another one, beyond doubt."""
        a, b = self.pending.get(one), self.pending.get(other)
        return a is not None and b is not None and a.latest < b.earliest
