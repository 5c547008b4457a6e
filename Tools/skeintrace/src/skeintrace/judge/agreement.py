"""Whether a live value is the recorded one, strictly: types count, messages do not, names and ports bind one-to-one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .binding import Bindings, OneToOne
from .recording import Opened, Outcome, Raised, Returned, Value
from .values import NAMELESS_KINDS, kind_of

#: Keys of the error form that are for people, or say where it was seen, and are not compared.
UNCOMPARED_ERROR_KEYS = frozenset({"message", "origin", "raised"})
#: What stands beside a name when it is introduced and says what the object is.
DESCRIPTION_KEYS = ("implements", "logPrefix", "fileno", "is", "class")
#: Arguments that are numbers to every language, whichever kind of number a program wrote: 1 is 1.0 there.
NUMBERS = frozenset({"delay", "secondsFromNow", "secondsLater", "timeout", "amount"})
#: What not every clock counts beyond, in seconds: longer times are the same.
LONGEST = 2.0**63
#: Calls that read a clock: what they give is a number and no run gives it twice.
CLOCK_READINGS = frozenset({"seconds", "getTime", "timeout"})


@dataclass(frozen=True)
class Difference:
    """The first place in which two values differ."""

    path: str
    expected: Value
    happened: Value
    why: str

    def under(self, key: str) -> Difference:
        """The same difference, seen from one level further out."""
        return Difference(f"{key}.{self.path}" if self.path else key, self.expected, self.happened, self.why)


class Agreement:
    """Compares values under `bindings`, binding what is new; counts what it had to relax through `relaxed`."""

    def __init__(self, bindings: Bindings, relaxed: Callable[[str], bool]) -> None:
        self.bindings = bindings
        self.relaxed = relaxed

    def values(self, expected: Value, live: Value) -> Difference | None:
        """The first difference between a recorded value and a live one."""
        if isinstance(expected, Mapping):
            if not isinstance(live, Mapping):
                return Difference("", expected, live, "another kind of value")
            return self._mappings(expected, live)
        if isinstance(live, Mapping):
            if "port" in live and type(expected) is int and live["port"] == expected:
                return None
            return Difference("", expected, live, "another kind of value")
        if isinstance(expected, list):
            if not isinstance(live, list):
                return Difference("", expected, live, "another kind of value")
            return self._lists(expected, live)
        if type_name(expected) != type_name(live):
            return Difference("", expected, live, f"expected {type_name(expected)}, found {type_name(live)}")
        if expected != live:
            return Difference("", expected, live, "not equal")
        return None

    def arguments(self, expected: Mapping[str, Value], live: Mapping[str, Value]) -> Difference | None:
        """The first difference between two sets of arguments, by name."""
        for key in expected:
            if key not in live:
                return Difference(key, expected[key], None, "this argument was not given")
        for key in live:
            if key not in expected:
                return Difference(key, None, live[key], "this argument was not expected")
        for key, value in expected.items():
            if key in NUMBERS and _same_number(value, live[key]):
                continue
            found = self.values(value, live[key])
            if found is not None:
                return found.under(key)
        return None

    def outcomes(self, expected: Outcome, live: Outcome, method: str = "") -> Difference | None:
        """The first difference between two outcomes; what was still open when a recording ended agrees with anything."""
        match expected, live:
            case Returned(a), Returned(b) if method in CLOCK_READINGS and _is_number(a) and _is_number(b):
                return None
            case (Opened(), _) | (_, Opened()):
                return None
            case Returned(a), Returned(b):
                found = self.values(a, b)
                return found.under("gives") if found else None
            case Raised(a), Raised(b):
                found = self._errors(a, b)
                return found.under("raises") if found else None
            case Returned(a), Raised(b):
                return Difference("raises", {"gives": a}, b, "raised, and was expected to return")
            case Raised(a), Returned(b):
                return Difference("raises", a, {"gives": b}, "returned, and was expected to raise")
        raise AssertionError("an outcome is Returned, Raised or Opened")

    def _lists(self, expected: list[Value], live: list[Value]) -> Difference | None:
        if len(expected) != len(live):
            return Difference("", expected, live, f"expected {len(expected)} elements, found {len(live)}")
        for index, (a, b) in enumerate(zip(expected, live)):
            found = self.values(a, b)
            if found is not None:
                return found.under(str(index))
        return None

    def _mappings(self, expected: Mapping[str, Value], live: Mapping[str, Value]) -> Difference | None:
        name = _name(expected)
        if name is not None:
            return self._names(name, expected, live)
        if "error" in expected or "error" in live:
            return self._errors(expected, live)
        for form, table in (
            ("port", self.bindings.ports),
            ("host", self.bindings.hosts),
            ("scope", self.bindings.scopes),
        ):
            if form in expected:
                return self._placeholder(form, table, expected, live)
        if "fd" in expected:
            found = self._placeholder("fd", self.bindings.descriptors, expected, live)
            if found is None and "is" in expected and "is" in live:
                found = self.arguments(expected["is"], live["is"])
                return found.under("is") if found is not None else None
            return found
        if "set" in expected:
            if "set" not in live:
                return Difference("", expected, live, "expected an unordered result")
            return self._unordered(expected["set"], live["set"])
        if "method" in expected:
            return self._method(expected, live)
        return self.arguments(expected, live)

    def _names(self, name: str, expected: Mapping[str, Value], live: Mapping[str, Value]) -> Difference | None:
        other = _name(live)
        if other is None:
            return Difference("", expected, live, "expected an object")
        if kind_of(name) != kind_of(other):
            return Difference("", name, other, "another kind of object")
        for key in DESCRIPTION_KEYS:
            if key in expected and key in live and ("new" in expected and "new" in live):
                a, b = expected[key], live[key]
                found = self.values(sorted(a), sorted(b)) if key == "implements" else self.values(a, b)
                if found is not None:
                    return found.under(key)
        if "new" in expected and "new" in live and ("implements" in expected) != ("implements" in live):
            return Difference("implements", expected.get("implements"), live.get("implements"), "not equal")
        if kind_of(name) not in NAMELESS_KINDS:
            problem = self.bindings.bind(self.bindings.names, name, other)
            if problem is not None:
                return Difference("", name, other, problem)
        if "deferred" in expected or "deferred" in live:
            if ("deferred" in expected) != ("deferred" in live):
                return Difference("", expected, live, "expected the same form of a Deferred")
            for key in ("fired", "failed"):
                if (key in expected) != (key in live):
                    return Difference(key, expected.get(key), live.get(key), "a Deferred in another state")
                if key in expected:
                    found = self.values(expected[key], live[key])
                    if found is not None:
                        return found.under(key)
        return None

    def _errors(self, expected: Mapping[str, Value], live: Mapping[str, Value]) -> Difference | None:
        if expected.get("error") != live.get("error"):
            return Difference("error", expected.get("error"), live.get("error"), "another error")
        a, b = expected.get("raised"), live.get("raised")
        if (a is None) != (b is None):
            return Difference("raised", a, b, "not the same raising of this error")
        if a is not None and b is not None and self.bindings.events.get(b) != a:
            return Difference("raised", a, self.bindings.events.get(b), "raised by another event")
        keys = [key for key in (*expected, *(key for key in live if key not in expected))]
        for key in keys:
            if key in UNCOMPARED_ERROR_KEYS or key == "error":
                continue
            if key not in live or key not in expected:
                return Difference(key, expected.get(key), live.get(key), "only one of the two errors has this")
            found = self.values(expected[key], live[key])
            if found is not None:
                return found.under(key)
        return None

    def _placeholder(
        self, form: str, table: OneToOne, expected: Mapping[str, Value], live: Mapping[str, Value]
    ) -> Difference | None:
        if form not in live:
            return Difference("", expected, live, f"expected a {form}")
        problem = self.bindings.bind(table, expected[form], live[form])
        return Difference(form, expected[form], live[form], problem) if problem is not None else None

    def _unordered(self, expected: list[Value], live: list[Value]) -> Difference | None:
        if len(expected) != len(live):
            return Difference("set", expected, live, f"expected {len(expected)} elements, found {len(live)}")
        left = list(range(len(live)))
        moved = False
        for value in expected:
            for place in left:
                mark = self.bindings.mark()
                if self.values(value, live[place]) is None:
                    moved = moved or place != left[0]
                    left.remove(place)
                    break
                self.bindings.undo(mark)
            else:
                return Difference("set", value, [live[place] for place in left], "no such element is left")
        if moved and not self.relaxed("unordered-return"):
            return Difference("set", expected, live, "another order, and unordered-return is switched off")
        return None

    def _method(self, expected: Mapping[str, Value], live: Mapping[str, Value]) -> Difference | None:
        if "method" not in live:
            return Difference("", expected, live, "expected a method of an object of the system")
        (name, method), (other, other_method) = expected["method"], live["method"]
        problem = self.bindings.bind(self.bindings.names, name, other)
        if problem is not None:
            return Difference("method", name, other, problem)
        if method != other_method:
            return Difference("method", method, other_method, "not equal")
        return None


def type_name(value: Value) -> str:
    """A plain value's type, in the trace's words: `false` is no integer, and 1 no number with a fraction."""
    for name, kind in (("boolean", bool), ("integer", int), ("number", float), ("text", str), ("bytes", bytes)):
        if isinstance(value, kind):
            return name
    return "null" if value is None else type(value).__name__


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same_number(a: Value, b: Value) -> bool:
    if not _is_number(a) or not _is_number(b):
        return False
    return bool(a == b or min(a, b) >= LONGEST or max(a, b) <= -LONGEST)


def _name(value: Mapping[str, Value]) -> str | None:
    for key in ("ref", "new", "deferred"):
        if key in value:
            return str(value[key])
    return None
