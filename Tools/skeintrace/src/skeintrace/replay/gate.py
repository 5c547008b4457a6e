"""What stands between a reactor and its poll: reading held back until its anchor, and a batch reordered."""

from __future__ import annotations

import random
import select
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .driver import Driver

READ_SIZE = 2**16


class Gate:
    """How much each transport may read, who must not be read now, and in what order a batch is reported.

    Whether a descriptor may be read is asked when its turn in the batch comes, and again at the end of the batch: what is
    dispatched before it may be what it waits for. One that was held back is left out of the next polls until it may be read.
    """

    def __init__(self, driver: Driver, shuffle: int | None) -> None:
        self.driver = driver
        self.random = random.Random(shuffle) if shuffle is not None else None
        self.held: set[int] = set()
        #: The transport whose read size is narrowed now, and what it was before.
        self._narrowed: tuple[Any, int] | None = None

    def limits(self) -> dict[int, tuple[Any, int]]:
        """The transports that may not read as much as they like, with how much they may, by descriptor."""
        found = {}
        objects = self.driver.live.names.objects
        with self.driver.live.lock:
            limits = self.driver.judge.read_limits()
        for name, limit in limits.items():
            transport = objects.get(name)
            end = transport.__dict__.get("socket") if transport is not None and limit is not None else None
            if limit is not None and end is not None and end.fileno() >= 0:
                found[end.fileno()] = (transport, limit)
        return found

    def masked(self) -> set[int]:
        """The descriptors that are not to be read now."""
        masked = {number for number, (_, limit) in self.limits().items() if limit == 0}
        self.held &= masked
        return masked

    def narrow(self, number: int) -> bool:
        """Let a descriptor's transport read as much as it may; says whether it may read at all.

        The size that a transport reads is also the one above which it pauses its producer, so it is narrowed for the read
        alone: `widen` gives it back as soon as the application is called.
        """
        transport, limit = self.limits().get(number, (None, None))
        if transport is None or limit is None:
            return True
        if limit > 0:
            size = transport.__dict__.get("bufferSize", READ_SIZE)
            self._narrowed = (transport, size)
            transport.__dict__["bufferSize"] = min(size, limit)
        return limit > 0

    def widen(self) -> None:
        """The read is over: the transport's size is what it was."""
        if self._narrowed is not None:
            transport, size = self._narrowed
            transport.__dict__["bufferSize"] = size
            self._narrowed = None

    def strangers(self) -> dict[int, bool]:
        """The sockets of the replay's own that the poll wakes up for, and whether each is waited for to write."""
        return self.driver.outside.waiting()

    def order(self, batch: list[Any]) -> list[Any]:
        """The batch in the order in which it is reported."""
        if self.random is not None:
            self.random.shuffle(batch)
        return batch

    def events(self, batch: list[tuple[int, int]], read: int, trouble: int) -> Iterator[tuple[int, int]]:
        """The events of a batch. What may not be read when its turn comes is tried again at the end of the batch."""
        late = []
        for number, event in self.order(batch):
            if event & (read | trouble) and not self.narrow(number):
                late.append((number, event & (read | trouble)))
                event &= ~(read | trouble)
            if event:
                yield number, event
            self.widen()
        for number, event in late:
            if self.narrow(number):
                yield number, event
                self.widen()
            else:
                self.held.add(number)


class GatedEpoll:
    """An epoll object that leaves held descriptors out."""

    READ, WRITE, TROUBLE = select.EPOLLIN, select.EPOLLOUT, select.EPOLLHUP | select.EPOLLERR

    def __init__(self, poller: Any, gate: Gate) -> None:
        self._poller = poller
        self._gate = gate
        self._interest: dict[int, int] = {}

    def register(self, number: int, mask: int) -> None:
        self._poller.register(number, mask)
        self._interest[number] = mask

    def modify(self, number: int, mask: int) -> None:
        self._poller.modify(number, mask)
        self._interest[number] = mask

    def unregister(self, number: int) -> None:
        self._interest.pop(number, None)
        self._poller.unregister(number)

    def close(self) -> None:
        self._poller.close()

    def fileno(self) -> int:
        return int(self._poller.fileno())

    def poll(self, *args: Any) -> Iterator[tuple[int, int]]:
        self._gate.masked()
        hidden = [n for n in self._gate.held if self._interest.get(n, 0) & self.READ]
        strangers = self._gate.strangers()
        for number in hidden:
            self._hide(number)
        for number, writes in strangers.items():
            self._poller.register(number, self.WRITE if writes else self.READ)
        try:
            batch = [found for found in self._poller.poll(*args) if found[0] not in strangers]
        finally:
            for number in strangers:
                self._poller.unregister(number)
            for number in hidden:
                self._show(number)
        return self._gate.events(batch, self.READ, self.TROUBLE)

    def _hide(self, number: int) -> None:
        rest = self._interest[number] & ~self.READ
        if rest:
            self._poller.modify(number, rest)
        else:
            self._poller.unregister(number)

    def _show(self, number: int) -> None:
        if self._interest[number] & ~self.READ:
            self._poller.modify(number, self._interest[number])
        else:
            self._poller.register(number, self._interest[number])


class GatedPoll(GatedEpoll):
    """A poll object that leaves held descriptors out. Registered anew, a descriptor goes to the end: its order is kept."""

    READ, WRITE, TROUBLE = select.POLLIN, select.POLLOUT, select.POLLHUP | select.POLLERR | select.POLLNVAL

    def poll(self, *args: Any) -> Iterator[tuple[int, int]]:
        self._gate.masked()
        hidden = {n for n in self._gate.held if self._interest.get(n, 0) & self.READ}
        poller, strangers = self._poller, self._gate.strangers()
        if hidden or strangers:
            poller = select.poll()
            for number, mask in self._interest.items():
                rest = mask & ~self.READ if number in hidden else mask
                if rest:
                    poller.register(number, rest)
            for number, writes in strangers.items():
                poller.register(number, self.WRITE if writes else self.READ)
        batch = [found for found in poller.poll(*args) if found[0] not in strangers]
        return self._gate.events(batch, self.READ, self.TROUBLE)

    def close(self) -> None:
        """A poll object holds no descriptor."""

    def register(self, number: int, mask: int) -> None:
        self._poller.register(number, mask)
        self._interest.pop(number, None)
        self._interest[number] = mask


def put_before(reactor: Any, gate: Gate) -> None:
    """Put a gate between a reactor and its poll."""
    name = type(reactor).__name__
    if name == "EPollReactor":
        reactor._poller = _with_registrations(GatedEpoll(reactor._poller, gate), reactor, select.EPOLLIN, select.EPOLLOUT)
    elif name == "PollReactor":
        reactor._poller = _with_registrations(GatedPoll(reactor._poller, gate), reactor, select.POLLIN, select.POLLOUT)
    else:
        _gate_select(gate)


def _with_registrations(gated: Any, reactor: Any, read: int, write: int) -> Any:
    for number in list(reactor._reads):
        gated._interest[number] = gated._interest.get(number, 0) | read
    for number in list(reactor._writes):
        gated._interest[number] = gated._interest.get(number, 0) | write
    return gated


def _gate_select(gate: Gate) -> None:
    from twisted.internet import selectreactor

    def readable(found: list[Any]) -> Iterator[Any]:
        late = []
        for thing in found:
            if gate.narrow(thing.fileno()):
                yield thing
                gate.widen()
            else:
                late.append(thing)
        for thing in late:
            if gate.narrow(thing.fileno()):
                yield thing
                gate.widen()
            else:
                gate.held.add(thing.fileno())

    def gated(reads: Any, writes: Any, others: Any, timeout: Any) -> Any:
        gate.masked()
        strangers = gate.strangers()
        shown = [thing for thing in reads if thing.fileno() not in gate.held]
        shown += [number for number, waits in strangers.items() if not waits]
        writing = [*writes, *(number for number, waits in strangers.items() if waits)]
        found_reads, found_writes, rest = select.select(shown, writing, others, timeout)
        own_reads, own_writes = ([thing for thing in found if not isinstance(thing, int)] for found in (found_reads, found_writes))
        return readable(gate.order(own_reads)), gate.order(own_writes), rest

    selectreactor._select = gated  # type: ignore[assignment]
