"""What was written comes out in order, cut to what was asked for; with nothing left there is an error."""

import os
import struct
from contextlib import suppress

from twisted.pair import testing
from twisted.pair.testing import MemoryIOSystem, Tunnel
from twisted.pair.tuntap import _TUNSETIFF, TunnelFlags

system = MemoryIOSystem()
system.registerSpecialDevice(Tunnel._DEVICE_NAME, Tunnel)
device = system.open(b"/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
mode = TunnelFlags.IFF_TUN | TunnelFlags.IFF_NO_PI
system.ioctl(device, _TUNSETIFF, struct.pack("16sH", b"tun0", mode.value))
far = system.receiveUDP(device, b"172.16.2.1", 12345)
for payload in (b"one", b"two", b"three"):
    datagram = testing._udp(src=50000, dst=12345, payload=payload)
    system.write(device, testing._ip(src=b"172.16.2.2", dst=b"172.16.2.1", payload=datagram))
far.recv(1024)
far.recv(2)
far.recv(0)
with suppress(IndexError):
    far.recv(9)
