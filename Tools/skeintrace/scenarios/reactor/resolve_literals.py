"""resolve answers for literals at once, without a resolver. Rules C24, H21."""

from twisted.internet import reactor
from twisted.internet.defer import fail, succeed
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IResolverSimple
from zope.interface import implementer


@implementer(IResolverSimple)
class Resolver:
    """Knows one name, and no literal of IPv6."""

    def getHostByName(self, name: str, timeout: object = ()) -> object:
        if name == "known.example":
            return succeed("192.0.2.7")
        return fail(DNSLookupError(name))


answers = []
reactor.installResolver(Resolver())
for name in ("", "192.0.2.1", "known.example", "::1"):
    reactor.resolve(name).addBoth(answers.append)
if answers[:3] != ["0.0.0.0", "192.0.2.1", "192.0.2.7"] or answers[3].check(DNSLookupError) is None:
    raise SystemExit(f"answers {answers}")
