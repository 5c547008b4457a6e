"""With two devices open, what is sent goes to the one that was opened first, until that is closed; no number is used twice."""

import os
import struct
from contextlib import suppress

from twisted.pair.testing import MemoryIOSystem, Tunnel
from twisted.pair.tuntap import _TUNSETIFF, TunnelFlags

system = MemoryIOSystem()
system.registerSpecialDevice(Tunnel._DEVICE_NAME, Tunnel)
mode = TunnelFlags.IFF_TUN | TunnelFlags.IFF_NO_PI
devices = []
for name in (b"tun0", b"tun1"):
    devices.append(system.open(b"/dev/net/tun", os.O_RDWR | os.O_NONBLOCK))
    system.ioctl(devices[-1], _TUNSETIFF, struct.pack("16sH", name, mode.value))
first, second = devices
system.sendUDP(b"to the first", (b"172.16.2.2", 12345))
with suppress(OSError):
    system.read(second, 99)
system.read(first, 99)
system.close(first)
system.sendUDP(b"to the second", (b"172.16.2.2", 12345))
system.read(second, 99)
third = system.open(b"/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
with suppress(OSError):
    system.read(first, 99)
system.close(third)
system.close(second)
with suppress(OSError):
    system.close(second)
with suppress(IndexError):
    system.sendUDP(b"to nobody", (b"172.16.2.2", 12345))
