"""The reactor's pool: made when asked for, started with the reactor, stopped with it, its jobs awaited. Rules H10, H11, H12, H13, H14, H15, H16."""

import threading

from twisted.internet import reactor

started, finish = threading.Event(), threading.Event()


def job() -> int:
    if threading.current_thread() is threading.main_thread():
        raise SystemExit("not in the pool")
    return 6 * 7


def result(succeeded: bool, value: object) -> None:
    if not succeeded or value != 42 or threading.current_thread() is threading.main_thread():
        raise SystemExit("the result is told in the pool's thread")
    reactor.callFromThread(told)


def told() -> None:
    reactor.callInThread(slow)
    reactor.stop()


def slow() -> None:
    reactor.callFromThread(never)  # the loop is over when it is done


def never() -> None:
    raise SystemExit("ran")


reactor.suggestThreadPoolSize(3)
pool = reactor.getThreadPool()
if pool.min != 0 or pool.max != 3 or pool.started:
    raise SystemExit("the pool")
pool.callInThreadWithCallback(result, job)
reactor.run()
if reactor.threadpool is not None:
    raise SystemExit("the pool is still there")
