"""Seeing the system call the application's objects, without putting anything else in their place.

The class of an object that was handed to the system gets a `__getattribute__` that, while the system has control, gives
the methods which the system calls in a form that reports the call. The object, its type, its attributes, what is set on
it later and the weak references to it stay what they were.
"""

from __future__ import annotations

import weakref
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Callable

from zope.interface import directlyProvides, providedBy

from .active import active
from .errors import strip
from .interfaces import CALLBACKS, Callback

if TYPE_CHECKING:
    from .recorder import Recorder

MEMBERS = frozenset(member for members in CALLBACKS.values() for member in members)


class Standin:
    """Stands inside the system for an object whose class does not let itself be seen, such as a class used as one."""

    def __init__(self, thing: Any, name: str, role: str, watched: Watched) -> None:
        self._thing = thing
        self._name = name
        self._role = role
        self._watched = watched
        directlyProvides(self, providedBy(thing))

    def __getattr__(self, member: str) -> Any:
        found = getattr(self._thing, member)
        shape = CALLBACKS[self._role].get(member)
        return found if shape is None else self._watched.reporting(self._name, None, member, found, shape)


class Watched:
    """The application's objects that the system may call, and what they answered when they were asked."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._kinds: dict[int, tuple[weakref.ref[Any], set[str]]] = {}
        self._readers: dict[str, tuple[weakref.ref[Any], dict[str, Any]]] = {}
        """The application's readers by name, and what each answered last."""

    def watch(self, thing: Any, role: str, form: dict[str, Any]) -> bool:
        """Sees calls on an object from now on. False where its class does not let itself be seen."""
        if not observe(type(thing)):
            return False
        number = id(thing)
        entry = self._kinds.get(number)
        if entry is None or entry[0]() is not thing:
            try:
                reference = weakref.ref(thing, lambda _: self._kinds.pop(number, None))
            except TypeError:
                return False
            entry = self._kinds[number] = (reference, set())
        entry[1].add(role)
        if "new" in form:
            self._describe(thing, role, form)
        return True

    def kinds(self, thing: Any) -> set[str] | None:
        """What an object is to the system, or None for one that it was never handed."""
        entry = self._kinds.get(id(thing))
        return entry[1] if entry is not None and entry[0]() is thing else None

    def _describe(self, thing: Any, role: str, form: dict[str, Any]) -> None:
        implements = self._recorder.values.implements(thing, role)
        if implements:
            form["implements"] = implements
        name = form["new"]
        self._recorder.garbage.look(thing, name)
        if "logging" in implements or role == "reader":
            prefix = self._ask(thing, "logPrefix")
            if isinstance(prefix, str):
                form["logPrefix"] = prefix
        if role == "reader":
            number = self._ask(thing, "fileno")
            if isinstance(number, int):
                form["fileno"] = self._recorder.descriptors.handed(number)
            answers = {"logPrefix": form.get("logPrefix"), "fileno": number}
            self._readers[name] = (weakref.ref(thing, lambda _: self._readers.pop(name, None)), answers)

    def _ask(self, thing: Any, member: str) -> Any:
        recorder = self._recorder
        recorder.passive = True
        try:
            return getattr(thing, member)()
        except Exception:
            return None
        finally:
            recorder.passive = False

    def look(self, *handed: Any) -> None:
        """Control is about to pass to the system: what has the application changed that the system merely asks for?

        Asked are the readers that are polled, as the system would, and those that this call is for.
        """
        if not self._readers:
            return
        polled = self._recorder.polled()
        for name, (reference, answers) in list(self._readers.items()):
            thing = reference()
            if any(thing is other for other in (*polled, *handed)):
                for member, known in answers.items():
                    value = self._ask(thing, member)
                    if value is not None and value != known:
                        answers[member] = value
                        to = self._recorder.descriptors.handed(value) if member == "fileno" else value
                        self._recorder.leaf({"set": f"{name}.{member}", "to": to})

    def method(self, thing: Any, member: str, found: Any) -> Any:
        """What the system gets when it reads a method: the method, in a form that reports the call."""
        kinds = self.kinds(thing)
        if kinds is None or not callable(found) or hasattr(found, "boundary_signature"):
            return found
        for kind in kinds:
            shape = CALLBACKS[kind].get(member)
            if shape is not None:
                return self.reporting(None, thing, member, found, shape)
        return found

    def reporting(
        self, known: str | None, thing: Any, member: str, found: Callable[..., Any], shape: Callback
    ) -> Callable[..., Any]:
        """A method in a form that reports its calls by the system, under a known name or the object's."""
        recorder = self._recorder

        def report(*args: Any, **kwargs: Any) -> Any:
            try:
                if recorder.passive or not recorder.sides.in_system:
                    return found(*args, **kwargs)
                name = known or recorder.name_of(thing)
                if name is None:
                    return found(*args, **kwargs)
                if known is None:
                    recorder.garbage.look(thing, name)
                return recorder.callback(name, member, shape, found, args, kwargs)
            except BaseException as error:
                strip(error)
                raise

        return update_wrapper(report, found, updated=()) if hasattr(found, "__name__") else report


_observed: weakref.WeakKeyDictionary[type, Callable[..., Any] | None] = weakref.WeakKeyDictionary()
"""The classes that report, and what each had of its own in that place."""


def observe(cls: type) -> bool:
    """Makes a class report what the system reads of its objects; once is enough, for its subclasses too."""
    inherited = cls.__getattribute__
    if getattr(inherited, "reports", False):
        return True

    def __getattribute__(self: Any, name: str) -> Any:
        try:
            found = inherited(self, name)  # type: ignore[call-arg]
        except BaseException as error:
            strip(error)
            raise
        if name in MEMBERS:
            recorder = active.recorder
            if recorder is not None and not recorder.passive and recorder.sides.in_system:
                return recorder.watched.method(self, name, found)
        return found

    __getattribute__.reports = True  # type: ignore[attr-defined]
    own = cls.__dict__.get("__getattribute__")
    try:
        cls.__getattribute__ = __getattribute__  # type: ignore[method-assign, assignment]
    except TypeError:
        return False
    _observed[cls] = own
    return True


def restore() -> None:
    """Takes the reporting off every class again."""
    for cls, own in list(_observed.items()):
        if own is None:
            del cls.__getattribute__
        else:
            cls.__getattribute__ = own  # type: ignore[method-assign]
    _observed.clear()
