"""A connector's destination is the host as it was given, also a name, and an IPv6 literal is an IPv6 address. Rules L30, L34."""

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory

for host in ("127.0.0.1", "::1", "known.example"):
    connector = reactor.connectTCP(host, 80, ClientFactory())
    connector.stopConnecting()
    if connector.getDestination().host != host:
        raise SystemExit(f"the destination is {connector.getDestination()}")
