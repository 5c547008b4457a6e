"""Two addresses with one name and different types are not equal."""

from twisted.pair.tuntap import TunnelAddress, TunnelFlags

tun = TunnelAddress(TunnelFlags.IFF_TUN, b"x")
tap = TunnelAddress(TunnelFlags.IFF_TAP, b"x")
if tun == tap or not tun != tap:
    raise SystemExit("equal")
