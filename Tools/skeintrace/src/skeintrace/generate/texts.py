"""Parts of a program that are the same in each that has them."""

from __future__ import annotations

FAILING = '''\
class FailingFactory(protocol.ClientFactory):
    noisy = False

    def __init__(self, again, stopped):
        self.again, self.stopped = again, stopped

    def startedConnecting(self, connector):
        if self.stopped:
            connector.stopConnecting()

    def clientConnectionFailed(self, connector, reason):
        over()
        if self.again:
            self.again -= 1
            if self.stopped:
                # Inside `stopConnecting` it cannot.
                reactor.callLater(0, lambda: connector.connect())
            else:
                connector.connect()
'''.splitlines()

PRODUCERS = {
    "pull": '''\
@implementer(IPullProducer)
class Pull:
    def __init__(self, transport, count, data):
        self.transport, self.left, self.data = transport, count, data

    def resumeProducing(self):
        if self.left:
            self.left -= 1
            self.transport.write(self.data)
        else:
            self.transport.unregisterProducer()

    def stopProducing(self):
        self.left = 0
''',
    "push": '''\
@implementer(IPushProducer)
class Push:
    def __init__(self, transport, count, data):
        self.transport, self.left, self.data = transport, count, data
        self.paused = False

    def produce(self):
        while self.left and not self.paused:
            self.left -= 1
            self.transport.write(self.data)
        if not self.left:
            self.transport.unregisterProducer()

    def pauseProducing(self):
        self.paused = True

    def resumeProducing(self):
        self.paused = False
        self.produce()

    def stopProducing(self):
        self.left = 0
''',
    "hold": '''\
@implementer(IPushProducer)
class Hold:
    def pauseProducing(self):
        pass

    def resumeProducing(self):
        pass

    def stopProducing(self):
        pass
''',
}

MORE = '''\
def more():
    nonlocal left
    left += 1
'''.splitlines()

LATER = '''\
def later(seconds, function):
    """Calls a function later; the program does not end before."""

    def due():
        try:
            function()
        finally:
            waiting.discard(timer)
            over()

    more()
    timer = reactor.callLater(seconds, due)
    waiting.add(timer)
    return timer
'''.splitlines()

CANCEL = '''\
def cancel(timer):
    with suppress(AttributeError, error.AlreadyCalled, error.AlreadyCancelled):
        timer.cancel()
        if timer in waiting:
            waiting.discard(timer)
            over()
'''.splitlines()
