"""What a script can do: each verb with the Python that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from abc import ABC, abstractmethod

from .model import Act, Acts


class Writer(ABC):
    """Where a verb's Python goes: it keeps what is done later, and what the program's head must have."""

    def __init__(self) -> None:
        #: What the bytes of this side are made of.
        self.letter = "x"
        self.uses: set[str] = set()

    @abstractmethod
    def later(self, acts: Acts, before: Sequence[str] = (), after: Sequence[str] = (), name: str = "after") -> str:
        """A method that does these acts; gives its name."""

    def soon(self, milliseconds: int, function: str) -> str:
        """A timer that the program does not end before."""
        self.uses.add("later")
        return f"later({milliseconds / 1000}, {function})"

    @abstractmethod
    def knows(self, label: int) -> bool:
        """Whether a script here makes what a label names."""


#: Milliseconds that no program lasts.
FAR = 60_000
Verb = Callable[[Writer, Act], list[str]]


def made_by(act: Act) -> str:
    """What kind of thing an act makes that others may refer to; "" for nothing."""
    return {"later": "timer", "trigger": "trigger", "trigger-waits": "trigger", "listen": "port"}.get(act.verb, "")


def _simply(*lines: str) -> Verb:
    """The same statements whatever the amount."""
    return lambda writer, act: list(lines)


def _suppressed(writer: Writer, names: str, statement: str) -> list[str]:
    writer.uses.add("suppress")
    if "error." in names:
        writer.uses.add("error")
    return [f"with suppress({names}):", f"    {statement}"]


def _write(writer: Writer, act: Act) -> list[str]:
    return [f'self.transport.write(b"{writer.letter}" * {act.amount})']


def _sequence(writer: Writer, act: Act) -> list[str]:
    return [f'self.transport.writeSequence([b"{writer.letter}" * {act.amount}, b"{writer.letter.upper()}" * {act.more}])']


def _pause(writer: Writer, act: Act) -> list[str]:
    return ["self.transport.pauseProducing()", writer.soon(act.amount, "lambda: self.transport.resumeProducing()")]


def _pull(writer: Writer, act: Act) -> list[str]:
    writer.uses.add("pull")
    made = f'Pull(self.transport, {act.more}, b"{writer.letter}" * {act.amount})'
    return _suppressed(writer, "RuntimeError", f"self.transport.registerProducer({made}, False)")


def _push(writer: Writer, act: Act) -> list[str]:
    writer.uses.add("push")
    made = f'Push(self.transport, {act.more}, b"{writer.letter}" * {act.amount})'
    return [f"producer = {made}", "self.transport.registerProducer(producer, True)", "producer.produce()"]


def _hold(writer: Writer, act: Act) -> list[str]:
    writer.uses.add("hold")
    return _suppressed(writer, "RuntimeError", "self.transport.registerProducer(Hold(), True)")


def _later(writer: Writer, act: Act) -> list[str]:
    kept = f"self.timer_{act.label} = " if act.label else ""
    after = writer.later(act.then)
    # What is longer away than any program lasts is there to be cancelled, or left.
    if act.amount >= FAR:
        return [f"{kept}reactor.callLater({act.amount / 1000}, {after})"]
    return [kept + writer.soon(act.amount, after)]


def _of_timer(method: str, amount: bool) -> Verb:
    def verb(writer: Writer, act: Act) -> list[str]:
        if not writer.knows(act.label):
            return []
        argument = str(act.amount / 1000) if amount else ""
        name = f"self.timer_{act.label}"
        if method == "cancel":
            writer.uses.add("cancel")
            return [f"cancel({name})"]
        if method == "active":
            return [f"{name} and {name}.active()"]
        return _suppressed(
            writer, "AttributeError, error.AlreadyCalled, error.AlreadyCancelled", f"{name}.{method}({argument})"
        )

    return verb


def _thread(writer: Writer, act: Act) -> list[str]:
    writer.uses.add("more")
    # When a thread runs is the machine's affair: the program does not end before it has.
    after = writer.later(act.then, before=["over()"])
    return ["more()", f"reactor.callInThread({writer.later((), [f'reactor.callFromThread({after})'], name='work')})"]


def _from_thread(writer: Writer, act: Act) -> list[str]:
    return [f"reactor.callFromThread({writer.later(act.then)})"]


def _when_running(writer: Writer, act: Act) -> list[str]:
    return [f"reactor.callWhenRunning({writer.later(act.then)})"]


PHASES = ("before", "during", "after")
EVENTS = ("shutdown", "startup", "custom")


def _kept_trigger(act: Act) -> str:
    return f"self.trigger_{act.label} = " if act.label else ""


def _trigger(writer: Writer, act: Act) -> list[str]:
    where = f'"{PHASES[act.amount % 3]}", "{EVENTS[act.more % 3]}"'
    return [f"{_kept_trigger(act)}reactor.addSystemEventTrigger({where}, {writer.later(act.then)})"]


def _trigger_waits(writer: Writer, act: Act) -> list[str]:
    writer.uses.add("defer")
    waits = ["waited = defer.Deferred()", f"reactor.callLater({act.amount / 1000}, waited.callback, None)"]
    after = writer.later(act.then, before=waits, after=["return waited"])
    return [f'{_kept_trigger(act)}reactor.addSystemEventTrigger("before", "{EVENTS[act.more % 3]}", {after})']


def _untrigger(writer: Writer, act: Act) -> list[str]:
    if not writer.knows(act.label):
        return []
    name = f"self.trigger_{act.label}"
    return _suppressed(writer, "KeyError, ValueError, TypeError", f"reactor.removeSystemEventTrigger({name})")


def _listen(writer: Writer, act: Act) -> list[str]:
    return [f'self.port_{act.label} = reactor.listenTCP(0, protocol.Factory.forProtocol(protocol.Protocol), interface="127.0.0.1")']


def _unlisten(writer: Writer, act: Act) -> list[str]:
    if not writer.knows(act.label):
        return []
    name = f"self.port_{act.label}"
    writer.uses.add("defer")
    writer.uses.add("more")
    after = writer.later(act.then, before=["over()"])
    return [f"if {name}:", "    more()", f"    defer.maybeDeferred({name}.stopListening).addCallback(lambda ignored: {after}())"]


def _listen_again(writer: Writer, act: Act) -> list[str]:
    return [f"self.port_{act.label}.startListening()"] if writer.knows(act.label) else []


VERBS: dict[str, Verb] = {
    # On the side's own transport.
    "write": _write,
    "sequence": _sequence,
    "lose": _simply("self.transport.loseConnection()"),
    "half": _simply("self.transport.loseWriteConnection()"),
    "abort": _simply("self.transport.abortConnection()"),
    "pause": _pause,
    "pull": _pull,
    "push": _push,
    "hold": _hold,
    "unhold": _simply("self.transport.unregisterProducer()"),
    "addresses": _simply("self.transport.getHost()", "self.transport.getPeer()"),
    "state": _simply("self.transport.connected, self.transport.disconnected, self.transport.disconnecting"),
    "options": _simply("self.transport.setTcpNoDelay(True)", "self.transport.setTcpKeepAlive(1)", "self.transport.getTcpNoDelay()"),
    # Time.
    "later": _later,
    "cancel": _of_timer("cancel", False),
    "reset": _of_timer("reset", True),
    "delay": _of_timer("delay", True),
    "active": _of_timer("active", False),
    # The reactor.
    "thread": _thread,
    "from-thread": _from_thread,
    "when-running": _when_running,
    "trigger": _trigger,
    "trigger-waits": _trigger_waits,
    "untrigger": _untrigger,
    "fire": _simply('reactor.fireSystemEvent("custom")'),
    "listen": _listen,
    "unlisten": _unlisten,
    "listen-again": _listen_again,
    # The connection stays as it is: its two sides are over, as far as the program is concerned.
    "leave": _simply("over()", "over()"),
    "raise": _simply('raise ArithmeticError("as the script says")'),
}
