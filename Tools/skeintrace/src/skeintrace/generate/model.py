"""A program as data: what it is made of, so that it can be written out, recorded, and cut down part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Act:
    """One thing that a script does: a verb of `verbs.VERBS`."""

    verb: str
    #: A size in bytes, or a time in milliseconds, or a count: what the verb takes.
    amount: int = 0
    #: A second one, where the verb takes two.
    more: int = 0
    #: What is done later, for a verb that puts something off.
    then: tuple[Act, ...] = ()
    #: By which other acts refer to what this one made, or the other act that this one refers to; 0 for none.
    label: int = 0


Acts = tuple[Act, ...]


@dataclass(frozen=True)
class Turn:
    """One side's part of a dialogue; its next turn comes when all that the other side sends meanwhile is there."""

    acts: Acts = ()


@dataclass(frozen=True)
class Side:
    """What one side does in its turns, and when it hears of the end."""

    turns: tuple[Turn, ...] = ()
    #: Whether it wants to hear of half-closes.
    half_close: bool = False
    read_lost: Acts = ()
    write_lost: Acts = ()
    lost: Acts = ()


@dataclass(frozen=True)
class Client:
    """One connector."""

    #: Milliseconds after the start; 0 for at once.
    start: int = 0
    #: How often it connects again when the connection is lost, and after how many milliseconds.
    again: int = 0
    pause: int = 0


@dataclass(frozen=True)
class Service:
    """A port, and the clients that hold one and the same dialogue with it. The client has the first word."""

    server: Side
    client: Side
    clients: tuple[Client, ...]
    interface: str = "127.0.0.1"
    #: Whether the clients share one factory.
    shared: bool = False
    #: Whether the server's factory refuses: "" for no, "none" by giving no protocol, "raise" by an error.
    refuses: str = ""


@dataclass(frozen=True)
class Failing:
    """A connector that gets no connection: nobody listens, or it is stopped while it starts."""

    stopped: bool = False
    start: int = 0
    again: int = 0


@dataclass(frozen=True)
class Program:
    """A whole program: it ends when its connections, threads and timers are over."""

    seed: int
    services: tuple[Service, ...] = ()
    failing: tuple[Failing, ...] = ()
    #: Done before the reactor runs.
    before: Acts = ()
    #: Done when it is running.
    running: Acts = ()
    #: Whether the ports are stopped before the reactor is.
    stops_ports: bool = False


def within(acts: Acts) -> Iterator[Act]:
    """All acts, and those that they put off."""
    for act in acts:
        yield act
        yield from within(act.then)


def sent(acts: Acts) -> int:
    """How many bytes a script sends, if nothing ends the connection before."""
    total = 0
    for act in within(acts):
        if act.verb == "write":
            total += act.amount
        elif act.verb == "sequence":
            total += act.amount + act.more
        elif act.verb in ("pull", "push"):
            total += act.amount * act.more
    return total
