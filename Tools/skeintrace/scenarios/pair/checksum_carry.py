"""The sum of a header carries once to 0xffff, which is right, and once over it, which Twisted does not fold a second time."""

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
for host in (b"192.168.174.31", b"192.168.174.32"):
    with suppress(struct.error):
        system.sendUDP(b"hello", (host, 12345))
system.read(device, 999)
