"""Timers on Twisted's epoll reactor; what it is asked for stands in `Sources/timers-c`."""

import sys
import time

from twisted.internet import epollreactor

epollreactor.install()

from twisted.internet import reactor  # noqa: E402  (the reactor is installed first)

TOGETHER = 1000
cancels = {"cancel": True, "fire": False}[sys.argv[1]]


class Runs:
    """Runs as it is told, one run after the other, inside the loop."""

    def next(self) -> None:
        """Set the timers of the next run."""
        line = sys.stdin.readline()
        if not line:
            reactor.stop()
            return
        self.count, self.done, self.random = int(line), 0, 1
        self.start = time.monotonic_ns()
        self.set()

    def set(self) -> None:
        """Set a thousand timers."""
        self.fired, self.calls = 0, []
        for _ in range(TOGETHER):
            self.random = (self.random * 1664525 + 1013904223) & 0xFFFFFFFF
            if cancels:
                self.calls.append(reactor.callLater((100000 + (self.random >> 16) * 10) / 1000, self.fire))
            else:
                reactor.callLater(0, self.fire)
        if cancels:
            reactor.callLater(0, self.cancel)

    def cancel(self) -> None:
        """Cancel them all, and go on in the next turn."""
        for call in self.calls:
            call.cancel()
        reactor.callLater(0, self.go_on)

    def fire(self) -> None:
        """Count one that has fired."""
        self.fired += 1
        if self.fired == TOGETHER:
            self.go_on()

    def go_on(self) -> None:
        """Set the next thousand, or end the run."""
        self.done += TOGETHER
        if self.done < self.count:
            self.set()
        else:
            self.finish()

    def finish(self) -> None:
        """Say how long it took."""
        print(self.count, time.monotonic_ns() - self.start, self.count, flush=True)
        self.next()


print("ready", flush=True)
reactor.callLater(0, Runs().next)
reactor.run()
