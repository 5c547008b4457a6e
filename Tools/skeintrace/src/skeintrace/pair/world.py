"""The devices that the real tests need, made in a network namespace of the tool's own, with which they go away."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Device:
    """A tunnel with the network behind it."""

    name: str
    mode: str
    pi: bool
    address: str
    neighbour: str
    link: str
    """The neighbour's hardware address, so that nobody has to be asked for it."""
    own: str
    """The device's own hardware address: fixed, so that recordings do not differ by it."""

    def needs(self) -> dict[str, Any]:
        """What a trace's header says of it."""
        return {"device": self.name, "mode": self.mode, "pi": self.pi, "address": self.address, "neighbour": self.neighbour}


DEVICES = (
    Device("tap-twtest", "tap", False, "172.16.0.1/24", "172.16.0.2", "de:ad:be:ef:ca:fe", "02:00:00:00:00:01"),
    Device("tap-twtest-pi", "tap", True, "172.16.1.1/24", "172.16.1.2", "de:ad:ca:fe:be:ef", "02:00:00:00:01:01"),
)


def prepare() -> bool:
    """Makes the devices, in a namespace that was entered before. Returns whether they are all there."""
    # Without IPv6 the kernel says nothing of its own accord on a device that comes up.
    try:
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1\n")
    except OSError:
        pass
    return all(_make(device) for device in DEVICES)


def _make(device: Device) -> bool:
    name = device.name
    return (
        _ip("tuntap", "add", "dev", name, "mode", device.mode, *(["pi"] if device.pi else []))
        and _ip("link", "set", "dev", name, "address", device.own)
        and _ip("link", "set", "up", "dev", name)
        and _ip("address", "add", device.address, "dev", name)
        and _ip("neighbour", "add", device.neighbour, "lladdr", device.link, "dev", name)
    )


def _ip(*words: str) -> bool:
    return subprocess.run(["ip", *words], check=False, capture_output=True).returncode == 0


def device_named(name: bytes) -> Device | None:
    """The device of a name, if it is one of these."""
    return next((device for device in DEVICES if device.name.encode() == name), None)
