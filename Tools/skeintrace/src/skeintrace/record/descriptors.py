"""Descriptors that the application hands in: named, with enough about each to make an equal one."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING, Any

from .addresses import FAMILIES, TYPES

if TYPE_CHECKING:
    from .recorder import Recorder


class Descriptors:
    """The descriptors that have a name, by number, for as long as the number means the same one."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._names: dict[int, tuple[tuple[int, int] | None, str]] = {}

    def handed(self, number: int) -> Any:
        """A descriptor as an argument: described where it is first seen."""
        if number < 0:
            return number
        known = self.find(number)
        if known is not None:
            return {"fd": known}
        form: dict[str, Any] = {"fd": self._name(number)}
        description = self._recorder.guard(lambda: self.describe(number))
        if description:
            form["is"] = description
        return form

    def given(self, number: Any) -> Any:
        """A descriptor that the system tells of one of its own objects."""
        if not isinstance(number, int) or number < 0:
            return number
        return {"fd": self.find(number) or self._name(number)}

    def find(self, number: int) -> str | None:
        """The name of an open descriptor."""
        entry = self._names.get(number)
        return entry[1] if entry is not None and entry[0] == _identity(number) else None

    def _name(self, number: int) -> str:
        name = self._recorder.names.new("fd")
        self._names[number] = (_identity(number), name)
        return name

    def describe(self, number: int) -> dict[str, Any]:
        """What a descriptor is: a socket with its addresses, a pipe's end, or a file."""
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            return {"closed": True}
        if stat.S_ISSOCK(mode):
            return self._socket(number)
        if stat.S_ISFIFO(mode):
            return {"pipe": "read" if _readable(number) else "write"}
        return {"file": ""} if stat.S_ISREG(mode) else {"file": os.readlink(f"/proc/self/fd/{number}")}

    def _socket(self, number: int) -> dict[str, Any]:
        end = socket.socket(fileno=number)
        try:
            form: dict[str, Any] = {
                "socket": TYPES.get(int(end.type), "raw"),
                "family": FAMILIES.get(int(end.family), "other"),
            }
            name = end.getsockname()
            peer = _peer(end)
            address = self._recorder.values.socket_address
            if end.type == socket.SOCK_STREAM and end.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                form["listening"] = address(name)
            elif peer is not None:
                form["bound"] = address(name)
                form["connected"] = address(peer)
            elif name and name[1:2] != (0,):
                form["bound"] = address(name)
            if os.get_blocking(number):
                form["blocking"] = True
            return form
        finally:
            end.detach()


def _peer(end: socket.socket) -> Any:
    try:
        return end.getpeername()
    except OSError:
        return None


def _identity(number: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(number)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _readable(number: int) -> bool:
    import fcntl

    return fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
