"""The frames that passed a trace's TUN and TAP devices, byte for byte, one capture a device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..format.tree import Crossing
from .capture import ETHERNET, RAW, Capture, Packet, is_integer

_INFORMATION = 4
"""Bytes of packet information that a device without IFF_NO_PI puts before each frame."""


@dataclass
class _Device:
    capture: Capture
    information: bool


def device_captures(crossings: Sequence[Crossing], epoch: int) -> list[Capture]:
    """A capture for each device through which frames went. Devices are numbered by kind, in the order of their opening."""
    found: list[Capture] = []
    devices: dict[tuple[str, str], _Device] = {}
    counts = {"tap": 0, "tun": 0}
    at = 0
    for crossing in crossings:
        time = crossing.event.get("at")
        at = time if is_integer(time) else at
        descriptor = crossing.args.get("fd")
        if crossing.kind not in ("call", "io") or crossing.raises is not None or not isinstance(descriptor, dict):
            continue
        key = (crossing.target, str(descriptor.get("fd")))
        if crossing.method == "ioctl":
            flags = _flags(crossing)
            kind = "tap" if "IFF_TAP" in flags else "tun" if "IFF_TUN" in flags else None
            if kind is not None:
                link = ETHERNET if kind == "tap" else RAW
                devices[key] = _Device(Capture(f"{kind}{counts[kind]}", link, epoch), "IFF_NO_PI" not in flags)
                found.append(devices[key].capture)
                counts[kind] += 1
        elif crossing.method in ("read", "write") and key in devices:
            device = devices[key]
            outbound = crossing.method == "write"
            frame = crossing.args.get("data") if outbound else crossing.gives
            # A writer gets the count of what went: nothing of a frame, or all of it.
            if isinstance(frame, bytes) and frame and not (outbound and crossing.gives == 0):
                frame = frame[_INFORMATION if device.information else 0 :]
                device.capture.packets.append(Packet(at, frame, (crossing.n,), device.capture.name, outbound))
    return [capture for capture in found if capture.packets]


def _flags(crossing: Crossing) -> list[Any]:
    """The flags that the device got, or those asked for where the answer does not say."""
    for value in (crossing.gives, crossing.args.get("arg")):
        request = value.get("ifreq") if isinstance(value, dict) else None
        if isinstance(request, dict) and isinstance(request.get("flags"), list):
            return list(request["flags"])
    return []
