"""What is read of a datagram that has four bytes of packet information before it: the limit counts them, and a limit below
four takes the datagram's end off instead."""

import os
import struct
from contextlib import suppress

from twisted.pair.testing import MemoryIOSystem, Tunnel
from twisted.pair.tuntap import _TUNSETIFF, TunnelFlags

system = MemoryIOSystem()
system.registerSpecialDevice(Tunnel._DEVICE_NAME, Tunnel)
device = system.open(b"/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
system.ioctl(device, _TUNSETIFF, struct.pack("16sH", b"tun0", TunnelFlags.IFF_TUN.value))
for limit in (64, 33, 10, 5, 4, 3, 0):
    system.sendUDP(b"hello", (b"172.16.2.2", 12345))
    system.read(device, limit)
with suppress(OSError):
    system.read(device, 8)
