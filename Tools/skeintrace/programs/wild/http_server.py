"""An HTTP server of twisted.web: a page, what was posted to it, and a long one. It prints the port that it listens on."""

from __future__ import annotations

from twisted.internet import reactor
from twisted.web.resource import Resource
from twisted.web.server import Request, Site


class Page(Resource):
    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        if request.path == b"/long":
            return b"0123456789abcdef" * 5_000
        return b"this is " + request.path + b"\n"

    def render_POST(self, request: Request) -> bytes:
        return b"you said: " + request.content.read()


port = reactor.listenTCP(0, Site(Page()), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
