"""Functions that the application hands to the system to be called later."""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any, Callable

from .errors import strip

if TYPE_CHECKING:
    from .recorder import Recorder


class Handed:
    """Stands for a function inside the system: calling it from there is a crossing, and nothing else differs.

    It is equal to the function and hashes like it, bears its name and module, and keeps no more alive than the
    system, which holds it, would have kept.
    """

    def __init__(self, function: Callable[..., Any], recorder: Recorder, returns: str | None = None) -> None:
        self.__wrapped__ = function
        self.recorder = recorder
        self.of: str | None = None
        self.returns = returns
        try:
            functools.update_wrapper(self, function, updated=())
        except AttributeError:
            pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        function = self.__wrapped__
        try:
            if self.recorder.passive or not self.recorder.sides.in_system:
                return function(*args, **kwargs)
            return self.recorder.fire(self, function, args, kwargs)
        except BaseException as error:
            strip(error)
            raise

    def __eq__(self, other: object) -> bool:
        return self.__wrapped__ == (other.__wrapped__ if isinstance(other, Handed) else other)

    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


class HandedMethod:
    """Stands for a method of a system object that the application hands to the system: no crossing when it fires.

    What it hands on is known, so that the functions among its arguments are seen when the system calls them.
    """

    def __init__(self, method: Callable[..., Any], recorder: Recorder) -> None:
        self.__wrapped__ = method
        self.recorder = recorder
        self.of: str | None = None
        self.event: int | None = None
        """The call that handed it over."""
        functools.update_wrapper(self, method, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            with self.recorder.calling_for(self.event):
                return self.__wrapped__(*args, **kwargs)
        except BaseException as error:
            strip(error)
            raise

    def __eq__(self, other: object) -> bool:
        return self.__wrapped__ == (other.__wrapped__ if isinstance(other, HandedMethod) else other)

    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


def owner(function: Any) -> Any:
    """The object that a bound method is of, or None."""
    return function.__self__ if isinstance(function, types.MethodType) else None
