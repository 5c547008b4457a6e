"""What is no protocol at all is refused for that, whatever its number; a number is judged next."""

from contextlib import suppress

from twisted.pair.ethernet import EthernetProtocol
from twisted.pair.ip import IPProtocol
from twisted.pair.rawudp import RawUDPProtocol

for layer in (EthernetProtocol(), IPProtocol(), RawUDPProtocol()):
    with suppress(TypeError):
        layer.addProto(-1, "silliness")
    with suppress(TypeError):
        layer.addProto(2**40, "silliness")
