"""IP takes numbers of up to 32 bits for its protocols, though only 8 are in a packet."""

from twisted.pair.ip import IPProtocol
from twisted.pair.rawudp import RawUDPProtocol

ip = IPProtocol()
for number in (0, 255, 2**16, 2**32 - 1):
    ip.addProto(number, RawUDPProtocol())
