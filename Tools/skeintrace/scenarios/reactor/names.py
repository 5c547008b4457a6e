"""Connecting to names: a resolver is asked in the next turn; its answer is awaited, its failure fails the attempt, and the time runs meanwhile.
Rules L6, L25, L29, K33, C24, H21."""

from common.connection import StopsWhenLost, listen
from twisted.internet import defer, reactor
from twisted.internet.error import DNSLookupError, TimeoutError
from twisted.internet.interfaces import IResolverSimple
from twisted.internet.protocol import ClientFactory, Protocol
from zope.interface import implementer


@implementer(IResolverSimple)
class Resolver:
    """Answers for one name, late, and for another never."""

    def getHostByName(self, name: str, timeout: object = ()) -> defer.Deferred:
        if name == "unknown.example":
            return defer.fail(DNSLookupError(name))
        answer = defer.Deferred()
        if name == "known.example":
            reactor.callLater(0.01, lambda: answer.callback("127.0.0.1"))
        return answer


class Failing(ClientFactory):
    """Fails with one error, and then the next attempt is made."""

    def __init__(self, error: type, following: tuple) -> None:
        self.error, self.following = error, following

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        if reason.check(self.error) is None:
            raise SystemExit(f"failed for {reason}")
        host, factory, timeout = self.following
        reactor.connectTCP(host, port.getHost().port, factory, timeout=timeout)


class Client(Protocol):
    def connectionMade(self) -> None:
        if self.transport.getPeer().host != "127.0.0.1":
            raise SystemExit(f"connected to {self.transport.getPeer()}")
        self.transport.loseConnection()


reactor.installResolver(Resolver())
port = listen(StopsWhenLost)
third = ("known.example", ClientFactory.forProtocol(Client), 30)
second = ("silent.example", Failing(TimeoutError, third), 0.02)
reactor.connectTCP("unknown.example", port.getHost().port, Failing(DNSLookupError, second))
reactor.run()
