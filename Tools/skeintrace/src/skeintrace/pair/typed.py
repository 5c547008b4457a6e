"""The typed forms of what Python hands on as numbers and packed bytes: modes, flags, requests, signals."""

from __future__ import annotations

import os
import platform
import signal
import struct
from typing import Any

from twisted.pair.tuntap import TunnelFlags

OS_FLAGS = {"rdwr": os.O_RDWR, "nonblock": os.O_NONBLOCK, "cloexec": os.O_CLOEXEC}
MEMORY_FLAGS = {"rdwr": 1, "nonblock": 2, "cloexec": 4}
_WRITES = 0x80000000 if platform.machine().startswith(("parisc", "ppc", "sparc")) else 0x40000000
REQUESTS = {"TUNSETIFF": _WRITES | 4 << 16 | ord("T") << 8 | 202}
"""By what the kernel's headers say, not by what Twisted does."""
MODES = {"IFF_TUN": 0x0001, "IFF_TAP": 0x0002, "IFF_NO_PI": 0x1000}
_IFREQ = struct.Struct("16sH")


def _names(value: int, table: dict[str, int]) -> list[str] | None:
    """The names of all bits, or None where one has no name."""
    named = [name for name, bit in table.items() if value & bit]
    return named if sum(table[name] for name in named) == value else None


def flags_form(value: Any) -> dict[str, Any]:
    """A FlagConstant: the names of its bits in the order of the table."""
    return {"flags": [flag.name for flag in TunnelFlags.iterconstants() if flag.value & value.value]}


def flags_value(names: list[str]) -> Any:
    """The FlagConstant of these names. One name is the constant itself."""
    found: Any = None
    for name in names:
        flag = TunnelFlags.lookupByName(name)
        found = flag if found is None else found | flag
    return TunnelFlags.IFF_TUN & TunnelFlags.IFF_TAP if found is None else found


def open_form(value: Any, memory: bool) -> Any:
    """Flags to open with. By whose numbers they are: the system's own, or the operating system's, which tests hand to a
    system in memory as well. What neither names stays a number."""
    if type(value) is not int:
        return value
    tables = [("os", OS_FLAGS), ("memory", MEMORY_FLAGS)]
    for name, table in reversed(tables) if memory else tables:
        names = _names(value, table)
        if names is not None:
            return {name: names}
    return value


def open_value(form: dict[str, Any]) -> int:
    """The number of flags to open with."""
    (word, names), = form.items()
    table = OS_FLAGS if word == "os" else MEMORY_FLAGS
    return sum(table[name] for name in names)


def request_form(value: Any) -> Any:
    """An ioctl's request, by name if it has one."""
    for name, number in REQUESTS.items():
        if type(value) is int and value == number:
            return {"constant": name}
    return value


def ifreq_form(data: Any) -> Any:
    """The argument of TUNSETIFF: a name without the NULs behind it, and a mode. Anything else stays as it is."""
    if not isinstance(data, bytes) or len(data) != _IFREQ.size:
        return data
    name, mode = _IFREQ.unpack(data)
    names = _names(mode, MODES)
    return data if names is None else {"ifreq": {"name": name.rstrip(b"\0"), "flags": names}}


def ifreq_value(form: dict[str, Any]) -> bytes:
    """The packed bytes: the name filled up with NULs, the mode in the machine's byte order."""
    return _IFREQ.pack(form["name"], sum(MODES[name] for name in form["flags"]))


def signal_form(value: Any) -> Any:
    """A signal, by name."""
    try:
        return {"constant": signal.Signals(value).name}
    except ValueError:
        return value


def constant_value(name: str) -> int:
    """The number of a request or a signal."""
    return REQUESTS[name] if name in REQUESTS else int(signal.Signals[name])
