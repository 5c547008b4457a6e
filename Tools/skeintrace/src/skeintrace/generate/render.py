"""A program as Python: what a person reads, what plain Twisted runs, and what is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Acts, Failing, Program, Service, Side, sent
from .script import Class, Lines, indented
from .texts import CANCEL, FAILING, LATER, MORE, PRODUCERS

#: Milliseconds after which a program that came to no end is ended.
PATIENCE = 700


def side(name: str, mine: Side, thresholds: Sequence[int], letter: str, uses: set[str]) -> Lines:
    """The class of one side of a dialogue."""
    decorator = ["@implementer(IHalfCloseableProtocol)"] if mine.half_close else []
    made = Class(f"class {name}(protocol.Protocol):")
    made.letter, made.uses = letter, uses
    made.know(*(turn.acts for turn in mine.turns), mine.read_lost, mine.write_lost, mine.lost)
    first: Acts = ()
    rest: list[tuple[int, Acts]] = []
    for threshold, turn in zip(thresholds, mine.turns):
        if threshold == 0:
            first += turn.acts
        elif rest and rest[-1][0] == threshold:
            rest[-1] = (threshold, rest[-1][1] + turn.acts)
        elif turn.acts:
            rest.append((threshold, turn.acts))
    if first:
        made.method("connectionMade(self)", made.statements(first))
    if rest:
        made.field("received = 0")
        lines = ["before, self.received = self.received, self.received + len(data)"]
        for threshold, acts in rest:
            lines += [f"if before < {threshold} <= self.received:", *indented(made.statements(acts))]
        made.method("dataReceived(self, data)", lines)
    if mine.half_close:
        uses.add("half-close")
        made.method("readConnectionLost(self)", made.statements(mine.read_lost))
        made.method("writeConnectionLost(self)", made.statements(mine.write_lost))
    made.method("connectionLost(self, reason=None)", ["over()", *made.statements(mine.lost)])
    return [*decorator, *made.lines()]


def thresholds(service: Service) -> tuple[list[int], list[int]]:
    """How many bytes each side has received when each of its turns begins: the server's, and the client's."""
    servers: list[int] = []
    clients: list[int] = []
    by_server = by_client = 0
    for turn in range(max(len(service.server.turns), len(service.client.turns))):
        clients.append(by_server)
        if turn < len(service.client.turns):
            by_client += sent(service.client.turns[turn].acts)
        servers.append(by_client)
        if turn < len(service.server.turns):
            by_server += sent(service.server.turns[turn].acts)
    return servers, clients


def factories(number: int, service: Service) -> Lines:
    """The two factories of a service."""
    build = {"": f"return Server{number}()", "none": "return None", "raise": 'raise LookupError("no protocol")'}[service.refuses]
    lines = [
        f"class ServerFactory{number}(protocol.Factory):",
        *indented(["noisy = False", "", "def buildProtocol(self, addr):", *indented([build])]),
        "",
        f"class ClientFactory{number}(protocol.ClientFactory):",
    ]
    body = ["noisy = False"]
    again = max((client.again for client in service.clients), default=0)
    if again:
        body += ["", "def __init__(self, again):", "    self.again = again"]
    body += ["", "def buildProtocol(self, addr):", f"    return Client{number}()"]
    if again:
        pause = max(client.pause for client in service.clients)
        connect = f"reactor.callLater({pause / 1000}, lambda: connector.connect())" if pause else "connector.connect()"
        body += [
            "",
            "def clientConnectionLost(self, connector, reason):",
            "    if self.again:",
            "        self.again -= 1",
            f"        {connect}",
        ]
    return [*lines, *indented(body)]


def connects(number: int, service: Service) -> Lines:
    """The statements by which a service listens and its clients connect."""
    again = any(client.again for client in service.clients)
    lines = [f'port_{number} = reactor.listenTCP(0, ServerFactory{number}(), interface="{service.interface}")']
    if service.shared and service.clients:
        count = sum(client.again for client in service.clients)
        lines.append(f"clients_{number} = ClientFactory{number}({count if again else ''})")
    for client in service.clients:
        factory = f"clients_{number}" if service.shared else f"ClientFactory{number}({client.again if again else ''})"
        arguments = f'"{service.interface}", port_{number}.getHost().port, {factory}'
        lines.append(
            f"reactor.callLater({client.start / 1000}, lambda: reactor.connectTCP({arguments}))"
            if client.start
            else f"reactor.connectTCP({arguments})"
        )
    return lines


def fails(number: int, failing: Failing) -> Lines:
    """The statements that connect to where nobody listens."""
    arguments = f'"127.0.0.1", nobody, FailingFactory({failing.again}, {failing.stopped})'
    if failing.start:
        return [f"reactor.callLater({failing.start / 1000}, lambda: reactor.connectTCP({arguments}))"]
    return [f"reactor.connectTCP({arguments})"]


def ends(program: Program) -> int:
    """How many endings a program waits for: of each side of each connection, and of each attempt that fails."""
    count = sum(failing.again + 1 for failing in program.failing)
    for service in program.services:
        sides = 2 if not service.refuses else 1
        count += sum(sides * (client.again + 1) for client in service.clients)
    return count


def source(program: Program) -> str:
    """The program in Python."""
    uses: set[str] = set()
    classes: list[Lines] = []
    for number, service in enumerate(program.services, 1):
        servers, clients = thresholds(service)
        if not service.refuses:
            classes.append(side(f"Server{number}", service.server, servers, "s", uses))
        if service.clients:
            classes.append(side(f"Client{number}", service.client, clients, "c", uses))
        classes.append(factories(number, service))
    if program.failing:
        classes.append(FAILING)
    script = Class("class Script:")
    script.uses = uses
    script.know(program.before, program.running)
    start = script.statements(program.before)
    if start:
        script.method("before(self)", start)
    running = script.statements(program.running)
    if running:
        script.method("running(self)", running)
    if start or running:
        classes.append(script.lines())
    if program.stops_ports and program.services:
        uses.add("defer")
    if uses & {"later", "cancel"}:
        uses |= {"more", "later"}
    if "cancel" in uses:
        uses |= {"suppress", "error"}
    return "\n".join([*_head(program, uses), *_main(program, classes, uses, bool(start), bool(running))]) + "\n"


def _head(program: Program, uses: set[str]) -> Lines:
    interfaces = {"pull": "IPullProducer", "push": "IPushProducer", "hold": "IPushProducer", "half-close": "IHalfCloseableProtocol"}
    wanted = sorted({interfaces[use] for use in uses if use in interfaces})
    lines = [f'"""Made from seed {program.seed} by `skeintrace generate`. It runs with Twisted alone."""', ""]
    if program.failing:
        lines.append("import socket")
    if "suppress" in uses:
        lines.append("from contextlib import suppress")
    if lines[-1]:
        lines.append("")
    modules = [name for name in ("defer", "error") if name in uses] + ["protocol"]
    lines.append(f"from twisted.internet import {', '.join(modules)}")
    if wanted:
        lines += [f"from twisted.internet.interfaces import {', '.join(wanted)}", "from zope.interface import implementer"]
    lines.append("")
    for name in ("pull", "push", "hold"):
        if name in uses:
            lines += ["", *PRODUCERS[name].splitlines(), ""]
    return lines


def _main(program: Program, classes: list[Lines], uses: set[str], start: bool, running: bool) -> Lines:
    body: Lines = []
    count = ends(program)
    if count or "more" in uses:
        body += [f"left = {count}", ""]
    end = ["if ended:", "    return", "ended.append(True)"]
    ports = [f"port_{number}" for number in range(1, len(program.services) + 1)]
    if program.stops_ports and ports:
        stopping = f"defer.gatherResults([defer.maybeDeferred(port.stopListening) for port in ({', '.join(ports)},)])"
        end += [f"{stopping}.addCallback(lambda ignored: reactor.stop())"]
    elif not any(service.clients for service in program.services):
        end += ["reactor.callWhenRunning(lambda: reactor.stop())"]
    else:
        end += ["reactor.stop()"]
    body += ["waiting = set()"] if "later" in uses else []
    body += ["ended = []", "", "def end():", *indented(end)]
    if "more" in uses:
        body += ["", *MORE]
    if count or "more" in uses:
        over = ["nonlocal left", "left -= 1", "if left == 0:", "    end()"]
        body += ["", "def over():", *indented(over)]
    if "later" in uses:
        body += ["", *LATER]
    if "cancel" in uses:
        body += ["", *CANCEL]
    for lines in classes:
        body += ["", *lines]
    body.append("")
    if start or running:
        body.append("script = Script()")
    if start:
        body.append("script.before()")
    if running:
        body.append("reactor.callWhenRunning(script.running)")
    for number, service in enumerate(program.services, 1):
        body += connects(number, service)
    if program.failing:
        body += ["with socket.socket() as unused:", '    unused.bind(("127.0.0.1", 0))', "    nobody = unused.getsockname()[1]"]
    for number, failing in enumerate(program.failing, 1):
        body += fails(number, failing)
    body.append(f"reactor.callLater({(PATIENCE if count or 'more' in uses else 30) / 1000}, end)")
    body.append("reactor.run()")
    return [
        "",
        "def main(reactor):",
        *indented(body),
        "",
        "",
        'if __name__ == "__main__":',
        "    from twisted.internet import reactor",
        "",
        "    main(reactor)",
    ]
