"""Values of a trace as live ones."""

from __future__ import annotations

import builtins
import errno
import os
import struct
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

from twisted.pair.testing import Tunnel

from ..format import families
from .standins import Numbered, error_class, stand_in
from .typed import constant_value, flags_value, ifreq_value, open_value

if TYPE_CHECKING:
    from .replay import Replay


class Undecodable(Exception):
    """A value that cannot be made."""


class Decoder:
    """Makes the values that a script's application hands over."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def argument(self, member: str, name: str, value: Any) -> Any:
        """An argument by its member and its name."""
        if member == "registerSpecialDevice" and value == "tunnel":
            return Tunnel
        return self.value(value)

    def value(self, value: Any) -> Any:
        """Any value."""
        if isinstance(value, list):
            return [self.value(part) for part in value]
        if isinstance(value, str):
            return str(value)
        if not isinstance(value, dict):
            return value
        if "error" in value:
            return self.error(value)
        head = next(iter(value))
        if head == "ref":
            return self.found(value["ref"])
        if head == "new":
            return self._new(value)
        if head == "fd":
            return self.descriptor(value["fd"])
        if head == "ifreq":
            return ifreq_value(value["ifreq"])
        if head == "flags":
            return flags_value(value["flags"])
        if head in ("os", "memory"):
            return open_value(value)
        if head == "udp":
            return tuple(self.value(part) for part in value["udp"])
        if head == "constant":
            return constant_value(value["constant"])
        raise Undecodable(f"no value for the form {head}")

    def found(self, name: str) -> Any:
        """An object that the run has."""
        if name.startswith("reactor-"):
            return self._replay.reactor(name)
        thing = self._replay.recorder.find(name)
        if thing is None:
            raise Undecodable(f"there is no {name}")
        return thing

    def descriptor(self, name: str) -> int:
        """The number of a descriptor."""
        for number, known in self._replay.recorder.descriptors.items():
            if known == name:
                return number
        raise Undecodable(f"{name} is not open, nor was it the last of its number")

    def _new(self, form: dict[str, Any]) -> Any:
        kind = form["new"].rpartition("-")[0]
        if kind == "protocol":
            return stand_in(form["class"], form["implements"], self._replay.inside)
        if kind == "io":
            return self._replay.fed()
        if "fileno" in form:
            return Numbered(self.value(form["fileno"]))
        if kind == "object":
            module, _, name = form["class"].rpartition(".")
            return type(name, (), {"__module__": module})()
        raise Undecodable(f"no stand-in for a {kind}")

    def error(self, form: dict[str, Any]) -> BaseException:
        """An error, as its family is raised."""
        family = form["error"]
        if family == "os-error":
            name = form.get("errno")
            return OSError(None, "") if name is None else OSError(getattr(errno, name), os.strerror(getattr(errno, name)))
        if family == "application":
            return error_class(form["class"])()
        if family == "skip":
            return SkipTest(form.get("why", ""))
        if family == "short-packet":
            return struct.error(f"unpack requires a buffer of {form['need']} bytes")
        path = families().get(family, "")
        found = getattr(builtins, path.removeprefix("builtins."), None) if path.startswith("builtins.") else None
        if found is None:
            raise Undecodable(f"no error of the family {family}")
        made: BaseException = found()
        return made
