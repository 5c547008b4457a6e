"""`compare`: one recording as the expectation, another as the run, by the rules of replay."""

from __future__ import annotations

from .judge import OUTSIDE, Action, Arrival, Judge, Matched
from .recording import Event, Opened, Recording
from .timing import Moment
from .verdict import Divergence, Verdict


def compare(expected: Recording, happened: Recording, disabled: frozenset[str] = frozenset()) -> Verdict:
    """Judge a recording as a run of another one. No subject runs."""
    judge = Judge(expected, disabled)
    # The callback whose frame the bytes of each partly filled delivery were left to.
    silent: set[int] = set()
    for place, step in enumerate(happened.steps):
        event = happened.events[step.n]
        if judge.divergence is not None:
            break
        if step.opens:
            _open(judge, happened, event, silent)
        elif event.n in judge.calls:
            judge.ended(event.n, event.outcome, _ended_at(happened, place))
            if event.fold is not None:
                judge.repeated(event.n, event.parent if event.parent is not None else OUTSIDE, event.fold.times)
        elif event.kind == "back" and event.n in judge.frames:
            judge.left(event.n, event.outcome)
    if judge.divergence is None and happened.complete:
        judge.left(OUTSIDE, Opened())
    return judge.finish()


def _open(judge: Judge, happened: Recording, event: Event, silent: set[int]) -> None:
    outer = happened.dispatch(event)
    moment = Moment(event.at, outer.turn, outer.phase)
    if event.kind == "back":
        found = judge.arrived(
            Arrival(
                event.n, event.target, event.method, event.args, moment, event.parent, event.of, event.thread, event.after
            )
        )
        if not isinstance(found, Matched | Divergence):
            silent.add(event.n)
    elif event.is_action:
        around = event.parent if event.parent is not None else OUTSIDE
        if around in silent:
            judge.diverge("extra", event.member, "the application acted before the bytes that it needs were all there")
            return
        thread = event.thread if event.parent is None else None
        judge.acted(Action(event.n, event.kind, event.target, event.method, event.args, moment, thread), around)


def _ended_at(happened: Recording, place: int) -> int:
    """When a crossing had surely ended: at the next opening, for want of a better clock."""
    for step in happened.steps[place:]:
        if step.opens:
            return happened.events[step.n].at
    return happened.events[happened.steps[place].n].at
