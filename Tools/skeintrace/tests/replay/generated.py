"""Programs from a seed: clients and servers whose two sides follow generated scripts."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from twisted.internet import protocol
from twisted.internet.interfaces import IHalfCloseableProtocol, IPullProducer, IPushProducer
from zope.interface import directlyProvides, implementer

from .programs import Factory


def program(seed: int) -> Callable[[Any], None]:
    """The program of a seed."""

    def run(reactor: Any) -> None:
        chance = random.Random(seed)
        World(reactor, chance).run()

    return run


class World:
    """All connections of one program; it ends when every side is lost, or when time is up."""

    def __init__(self, reactor: Any, chance: random.Random) -> None:
        self.reactor = reactor
        self.chance = chance
        self.open = 0
        self.expected = 0
        self.over = False

    def run(self) -> None:
        count = self.chance.randint(1, 4)
        self.expected = 2 * count
        servers = [self.script() for _ in range(count)]
        port = self.reactor.listenTCP(0, Factory(lambda: Side(self, servers.pop(0) if servers else [])), interface="127.0.0.1")
        number = port.getHost().port
        for _ in range(count):
            factory = Factory(lambda script=self.script(): Side(self, script))
            self.reactor.connectTCP("127.0.0.1", number, factory)
        self.reactor.callLater(2, self.stop)
        self.reactor.run()

    def script(self) -> list[tuple[str, Any, Any]]:
        """What a side does: (when, what, how much)."""
        chance = self.chance
        steps: list[tuple[str, Any, Any]] = []
        for _ in range(chance.randint(1, 4)):
            when = chance.choice(["made", "data", "timer"])
            what = chance.choice(["write", "write", "sequence", "pause", "pull", "push", "half", "lose", "ask", "fail"])
            steps.append((when, what, chance.choice([1, 20, 3000, 90_000])))
        steps.append((chance.choice(["made", "data", "timer"]), chance.choice(["lose", "lose", "half"]), 0))
        steps.append(("late", "lose", 0))
        return steps

    def lost(self) -> None:
        self.expected -= 1
        if self.expected == 0:
            self.stop()

    def stop(self) -> None:
        if not self.over:
            self.over = True
            self.reactor.stop()


class Side(protocol.Protocol):
    """One end of a connection, following its script."""

    def __init__(self, world: World, script: list[tuple[str, Any, Any]]) -> None:
        self.world = world
        self.script = script
        self.produced = 0
        if any(what == "half" for _, what, _ in script):
            directlyProvides(self, IHalfCloseableProtocol)
            self.readConnectionLost = self._readConnectionLost
            self.writeConnectionLost = self._writeConnectionLost

    def connectionMade(self) -> None:
        self.steps("made")
        self.timer = self.world.reactor.callLater(0.12, self.steps, "timer")
        self.late = self.world.reactor.callLater(0.25, self.steps, "late")

    def dataReceived(self, data: bytes) -> None:
        self.steps("data")

    def steps(self, when: str) -> None:
        for step in [step for step in self.script if step[0] == when]:
            self.script.remove(step)
            getattr(self, "_" + step[1])(step[2])

    def _write(self, size: int) -> None:
        self.transport.write(b"w" * size)

    def _sequence(self, size: int) -> None:
        self.transport.writeSequence([b"s" * size, b"t"])

    def _pause(self, size: int) -> None:
        self.transport.pauseProducing()
        self.world.reactor.callLater(0.05, self.transport.resumeProducing)

    def _pull(self, size: int) -> None:
        self._produce(Pull(self, 3), False)

    def _push(self, size: int) -> None:
        self._produce(Push(self), True)
        self.transport.write(b"p" * size)
        self.world.reactor.callLater(0.08, self.transport.unregisterProducer)

    def _produce(self, producer: Any, streaming: bool) -> None:
        try:
            self.transport.registerProducer(producer, streaming)
        except RuntimeError:
            pass

    def _half(self, size: int) -> None:
        self.transport.loseWriteConnection()

    def _lose(self, size: int) -> None:
        self.transport.loseConnection()

    def _ask(self, size: int) -> None:
        self.transport.getPeer()
        self.transport.getHost()

    def _fail(self, size: int) -> None:
        if size == 1:
            raise ArithmeticError("as the script says")

    def _readConnectionLost(self) -> None:
        self.transport.loseConnection()

    def _writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: Any = None) -> None:
        for timer in (getattr(self, "timer", None), getattr(self, "late", None)):
            if timer is not None and timer.active():
                timer.cancel()
        self.world.lost()


@implementer(IPullProducer)
class Pull:
    """Writes a few times when it is asked, then ends."""

    def __init__(self, side: Side, left: int) -> None:
        self.side, self.left = side, left

    def resumeProducing(self) -> None:
        self.left -= 1
        if self.left < 0:
            self.side.transport.unregisterProducer()
        else:
            self.side.transport.write(b"q" * 500)

    def stopProducing(self) -> None:
        pass


@implementer(IPushProducer)
class Push:
    """Does nothing but be told."""

    def __init__(self, side: Side) -> None:
        self.side = side

    def pauseProducing(self) -> None:
        pass

    def resumeProducing(self) -> None:
        pass

    def stopProducing(self) -> None:
        pass
