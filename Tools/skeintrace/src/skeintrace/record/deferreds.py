"""Deferreds that cross the boundary: fired on one side, waited for on the other.

A mark is added to the Deferred's own chain at the moment it crosses. What is behind the mark belongs to the other side;
when the chain runs past it, control crosses, and comes back when the chain has run out.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from .errors import error_value
from .journal import Opened
from .sides import Side

if TYPE_CHECKING:
    from .recorder import Recorder


class Deferreds:
    """The Deferreds of one recording."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._given: weakref.WeakSet[Deferred[Any]] = weakref.WeakSet()

    def given(self, deferred: Deferred[Any]) -> dict[str, Any]:
        """The system gives the application a Deferred."""
        return self._cross(deferred, Side.SYSTEM)

    def taken(self, deferred: Deferred[Any]) -> dict[str, Any]:
        """The application gives the system a Deferred that the system waits for."""
        return self._cross(deferred, Side.APPLICATION)

    def is_given(self, deferred: Deferred[Any]) -> bool:
        """Whether the system gave this Deferred to the application."""
        return deferred in self._given

    def _cross(self, deferred: Deferred[Any], firing: Side) -> dict[str, Any]:
        recorder = self._recorder
        known = recorder.name_of(deferred)
        name = known or recorder.name(deferred, "deferred")
        form: dict[str, Any] = {"deferred": name}
        result = getattr(deferred, "result", None)
        if deferred.called and not deferred.paused and not isinstance(result, Deferred):
            if isinstance(result, Failure):
                form["failed"] = error_value(result, firing is Side.SYSTEM)
            elif result is not None:
                form["fired"] = recorder.values.passed(result)
            else:
                form["fired"] = None
        elif known is None:
            if firing is Side.SYSTEM:
                self._given.add(deferred)
            deferred.addBoth(self._passed, name, firing)
        return form

    def _passed(self, result: Any, name: str, firing: Side) -> Any:
        recorder = self._recorder
        side = recorder.sides.stack[-1].side
        if recorder.passive or side is not firing:
            return result
        failed = isinstance(result, Failure)
        member = "errback" if failed else "callback"
        arguments: dict[str, Any] = {}
        if failed:
            arguments["fail"] = error_value(result, firing is Side.SYSTEM)
        elif result is not None:
            arguments["result"] = recorder.guard(lambda: recorder.values.passed(result))
        if side is Side.SYSTEM:
            opened = recorder.begin_back(name, member, arguments)
        else:
            opened = recorder.begin_call(name, member, arguments)
        self._leave_open(opened)
        return result

    def _leave_open(self, opened: Opened) -> None:
        """The crossing ends when the chain that is running has run out: see `run`."""
        recorder = self._recorder
        recorder.sides.stack[-1].close = lambda: recorder.journal.finish(opened, {})

    def run(self, deferred: Deferred[Any], original: Any) -> None:
        """Runs a chain, and ends the crossings that happened in it."""
        depth = len(self._recorder.sides.stack)
        try:
            original(deferred)
        finally:
            self._recorder.sides.unwind(depth)
