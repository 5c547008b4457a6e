"""iterate before the start, inside a timed call and after the end. Rules C17, C18, H1, H6."""

from twisted.internet import reactor

order = []


def inside() -> None:
    reactor.iterate()  # runs what else is due
    order.append("inside")
    reactor.stop()


def shut_down() -> None:
    reactor.callFromThread(order.append, "left over")


reactor.callFromThread(order.append, "thread call before the start")
reactor.callLater(0, order.append, "timer before the start")
reactor.addSystemEventTrigger("before", "startup", lambda: order.append("startup"))
reactor.iterate()
if reactor.running or order != ["thread call before the start", "timer before the start"]:
    raise SystemExit(f"after iterate: {order}")
reactor.callLater(0, inside)
reactor.callLater(0, order.append, "due too")
reactor.addSystemEventTrigger("during", "shutdown", shut_down)
reactor.run()
if order[2:] != ["startup", "due too", "inside"]:
    raise SystemExit(f"after run: {order}")
reactor.iterate()
if order[-1] != "left over":
    raise SystemExit(f"after the end: {order}")
