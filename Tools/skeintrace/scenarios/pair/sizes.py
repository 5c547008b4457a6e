"""A device in memory takes datagrams of 0 to 1024 bytes, and refuses one of 1025."""

import os
import struct
from contextlib import suppress

from twisted.pair.testing import MemoryIOSystem, Tunnel
from twisted.pair.tuntap import _TUNSETIFF, TunnelFlags

system = MemoryIOSystem()
system.registerSpecialDevice(Tunnel._DEVICE_NAME, Tunnel)
device = system.open(b"/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
mode = TunnelFlags.IFF_TUN | TunnelFlags.IFF_NO_PI
system.ioctl(device, _TUNSETIFF, struct.pack("16sH", b"tun0", mode.value))
for size in (0, 1024, 1025):
    with suppress(OSError):
        system.write(device, b"x" * size)
