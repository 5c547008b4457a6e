"""A function called at startup goes on after a thread that it began has done its work.

Cut down from a generated program. What the function does next is in the recording after the thread's work, and must not wait
for it: behind the startup it would come too late.
"""

import time


def main(reactor):
    def work():
        reactor.callFromThread(lambda: reactor.stop())

    def running():
        reactor.callInThread(work)
        time.sleep(0.01)
        reactor.addSystemEventTrigger("after", "startup", lambda: None)

    reactor.callWhenRunning(running)
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor)
