"""The application's calls: arguments, outcomes, and what the system hands back."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from twisted.internet import defer, endpoints, error, protocol
from twisted.internet.interfaces import IResolverSimple
from twisted.internet.tcp import makeBinding
from zope.interface import implementer

from .conftest import Recording

Record = Callable[[Callable[[Any], None]], Recording]


def test_arguments_bear_the_interfaces_names_and_defaults_are_left_out(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.listenTCP(0, protocol.Factory(), 50, interface="127.0.0.1")

    assert list(record(program).one("call", ".listenTCP")["args"]) == ["port", "factory", "interface"]


def test_a_call_inside_the_system_is_no_crossing(record: Record) -> None:
    recording = record(lambda reactor: reactor.iterate(0))
    assert [event["call"] for event in recording.all("call")] == ["reactor-1.iterate"]


def test_the_reactors_own_triggers_and_waker_never_appear(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.getReaders()
        reactor.removeAll()

    assert [event["gives"] for event in record(program).all("call")] == [{"set": []}, {"set": []}]


def test_an_error_of_the_systems_has_its_family(record: Record) -> None:
    def program(reactor: Any) -> None:
        try:
            reactor.stop()
        except error.ReactorNotRunning:
            pass

    assert record(program).one("call", ".stop")["raises"] == {"error": "not-running"}


def test_a_python_error_is_the_systems_or_the_applications_by_who_raised_it(record: Record) -> None:
    def program(reactor: Any) -> None:
        try:
            reactor.listenTCP(makeBinding("127.0.0.1", 0), protocol.Factory(), interface="elsewhere")
        except ValueError:
            pass
        reactor.callWhenRunning(int, "no number")
        reactor.callWhenRunning(reactor.stop)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert recording.one("call", ".listenTCP")["raises"] == {"error": "value-error"}
    assert recording.one("back", "function-1.call")["raises"] == {"error": "application", "class": "ValueError"}


def test_an_error_that_comes_back_names_the_event_that_raised_it(record: Record) -> None:
    class Broken(protocol.Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"x")

        def dataReceived(self, data: bytes) -> None:
            raise ZeroDivisionError()

    recording = record(echo(Broken))
    raised = next(event for event in recording.all("back", ".dataReceived") if "raises" in event)
    reasons = [event["args"]["reason"] for event in recording.all("back", ".connectionLost")]
    assert {"error": "application", "class": "ZeroDivisionError", "raised": raised["n"]} in reasons


def echo(server: type[protocol.Protocol]) -> Callable[[Any], None]:
    """A server and a client of one kind of protocol; the reactor stops when the client has lost its connection."""

    def program(reactor: Any) -> None:
        port = reactor.listenTCP(0, protocol.ServerFactory.forProtocol(server), interface="127.0.0.1")
        client = protocol.ClientFactory.forProtocol(server)
        client.clientConnectionLost = lambda connector, reason: reactor.stop()  # type: ignore[method-assign]
        reactor.connectTCP("127.0.0.1", port.getHost().port, client)
        reactor.run(installSignalHandlers=False)

    return program


def test_an_integer_delay_of_any_size_is_a_double(record: Record) -> None:
    recording = record(lambda reactor: reactor.callLater(2**128 + 1, lambda: None).cancel())
    assert recording.one("call", ".callLater")["args"]["delay"] == float(2**128 + 1)


def test_another_integer_beyond_64_bits_is_refused(record: Record) -> None:
    recording = record(lambda reactor: reactor.callLater(1, print, 2**64))
    assert recording.one("call", ".callLater")["unexpressible"] == "integer"
    assert recording.recorder.unexpressible == ["integer"]


def test_text_where_bytes_are_wanted_is_marked(record: Record) -> None:
    class Writing(protocol.Protocol):
        def connectionMade(self) -> None:
            try:
                self.transport.writeSequence(["text"])  # type: ignore[list-item]
            except TypeError:
                pass
            self.transport.loseConnection()

    recording = record(echo(Writing))
    assert all(event["unexpressible"] == "type" for event in recording.all("call", ".writeSequence"))
    assert recording.all("call", ".writeSequence")[0]["raises"] == {"error": "type-error"}


def test_a_method_of_the_systems_that_is_handed_over_fires_without_a_crossing(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.callLater(0, reactor.callLater, 0, reactor.stop)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert recording.one("call", ".callLater")["args"] == {
        "delay": 0,
        "callable": {"method": ["reactor-1", "callLater"]},
        "args": [0, {"method": ["reactor-1", "stop"]}],
    }
    assert recording.all("back") == []


def test_a_port_among_the_arguments_of_a_handed_method_is_the_one_that_the_system_chose(record: Record) -> None:
    def program(reactor: Any) -> None:
        port = reactor.listenTCP(0, protocol.Factory(), interface="127.0.0.1").getHost().port
        reactor.callLater(60, reactor.connectTCP, "127.0.0.1", port, protocol.ClientFactory())

    arguments = record(program).one("call", ".callLater")["args"]
    assert arguments["args"][:2] == ["127.0.0.1", {"port": "p-1"}]
    assert arguments["args"][2]["new"] == "factory-2"


@pytest.mark.parametrize(("given", "written"), [(1, True), (0, False), (True, True)])
def test_an_option_is_switched_on_or_off_by_whatever_number(given: object, written: bool, record: Record) -> None:
    def program(reactor: Any) -> None:
        class Client(protocol.Protocol):
            def connectionMade(self) -> None:
                self.transport.setTcpKeepAlive(given)
                reactor.stop()

        port = reactor.listenTCP(0, protocol.Factory.forProtocol(protocol.Protocol), interface="127.0.0.1").getHost().port
        reactor.connectTCP("127.0.0.1", port, protocol.ClientFactory.forProtocol(Client))
        reactor.run(installSignalHandlers=False)

    enabled = record(program).one("call", ".setTcpKeepAlive")["args"]["enabled"]
    assert enabled is written


def test_a_function_behind_a_handed_method_fires_as_of_what_the_application_holds(record: Record) -> None:
    def program(reactor: Any) -> None:
        def last() -> None:
            reactor.stop()

        reactor.callLater(0, reactor.callLater, 0, last)
        reactor.run(installSignalHandlers=False)

    firing = record(program).one("back", "function-1.call")
    assert (firing["of"], firing["phase"], firing["turn"]) == ("timer-1", "timer", 2)


def test_a_function_behind_several_methods_of_the_systems_is_seen(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.callLater(0, reactor.callInThread, reactor.callFromThread, reactor.callLater, 0, lambda word: reactor.stop(), "now")
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    (later,) = [event for event in recording.all("call", ".callLater") if "in" not in event]
    assert later["args"] == {
        "delay": 0,
        "callable": {"method": ["reactor-1", "callInThread"]},
        "args": [
            {"method": ["reactor-1", "callFromThread"]}, {"method": ["reactor-1", "callLater"]}, 0, {"new": "function-1"}, "now",
        ],
    }  # fmt: skip
    fired = recording.one("back", "function-1.call")
    assert fired["of"] == "timer-1" and fired["args"] == {"args": ["now"]} and "thread" not in fired


def test_a_reactor_that_nobody_uses_has_no_name(record: Record) -> None:
    def program(reactor: Any) -> None:
        other = type(reactor)()
        other.callLater(0, other.stop)
        other.run(installSignalHandlers=False)

    recording = record(program)
    assert [event["call"] for event in recording.all("call")] == ["reactor-1.callLater", "reactor-1.run"]


def test_an_argument_equal_to_the_implementers_default_is_left_out(record: Record) -> None:
    assert "args" not in record(lambda reactor: reactor.iterate(0)).one("call", ".iterate")
    assert record(lambda reactor: reactor.iterate(0.01)).one("call", ".iterate")["args"] == {"delay": 0.01}


def test_one_function_that_serves_many_says_what_fired(record: Record) -> None:
    def program(reactor: Any) -> None:
        def tick(last: bool) -> None:
            if last:
                reactor.stop()

        reactor.callLater(0, tick, False)
        reactor.callLater(0, tick, last=True)
        reactor.run(installSignalHandlers=False)

    firings = record(program).all("back")
    assert [(event["back"], event["of"]) for event in firings] == [
        ("function-1.call", "timer-1"),
        ("function-1.call", "timer-2"),
    ]
    assert [event["args"] for event in firings] == [{"args": [False]}, {"kwargs": {"last": True}}]


def test_a_value_that_only_passes_through_is_a_token(record: Record) -> None:
    token = object()

    def program(reactor: Any) -> None:
        def check(thing: object) -> None:
            assert thing is token
            reactor.stop()

        reactor.callLater(0, check, token)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert recording.one("call", ".callLater")["args"]["args"] == [{"new": "object-1"}]
    assert recording.one("back", ".call")["args"] == {"args": [{"ref": "object-1"}]}


def test_a_trigger_is_removed_by_its_name(record: Record) -> None:
    def program(reactor: Any) -> None:
        trigger = reactor.addSystemEventTrigger("before", "shutdown", lambda: None)
        reactor.removeSystemEventTrigger(trigger)

    recording = record(program)
    assert recording.one("call", ".addSystemEventTrigger")["gives"] == {"new": "trigger-1"}
    assert recording.one("call", ".removeSystemEventTrigger")["args"] == {"triggerID": {"ref": "trigger-1"}}


def test_equal_triggers_are_removed_as_without_the_recorder(record: Record) -> None:
    fired: list[str] = []

    def program(reactor: Any) -> None:
        first = reactor.addSystemEventTrigger("before", "shutdown", fired.append, "x")
        reactor.addSystemEventTrigger("before", "shutdown", fired.append, "x")
        reactor.removeSystemEventTrigger(first)
        reactor.callWhenRunning(reactor.stop)
        reactor.run(installSignalHandlers=False)

    record(program)
    assert fired == ["x"]


def test_calling_when_running_already_gives_nothing_and_fires_inside_the_call(record: Record) -> None:
    def program(reactor: Any) -> None:
        def running() -> None:
            assert reactor.callWhenRunning(reactor.getDelayedCalls) is None
            assert reactor.callWhenRunning(lambda: None) is None
            reactor.stop()

        reactor.callWhenRunning(running)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    inner = recording.one("back", "function-2.call")
    call = recording.all("call", ".callWhenRunning")[2]
    assert "of" not in inner and inner["in"] == call["n"] and "gives" not in recording.outcome(call)


def test_turn_and_phase_stand_on_what_the_loop_calls_and_on_nothing_else(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.addSystemEventTrigger("during", "shutdown", lambda: None)
        reactor.callWhenRunning(lambda: reactor.callFromThread(reactor.callLater, 0, reactor.stop))
        reactor.callFromThread(lambda: None)
        reactor.callLater(0, lambda: None)
        reactor.run(installSignalHandlers=False)

    backs = record(program).all("back")
    assert [(event["turn"], event["phase"]) for event in backs] == [
        (0, "startup"),
        (1, "thread"),
        (1, "timer"),
        (1, "shutdown"),
    ]


def test_a_deferred_of_the_systems_crosses_where_it_was_given(record: Record) -> None:
    def program(reactor: Any) -> None:
        port = reactor.listenTCP(0, protocol.Factory(), interface="127.0.0.1")
        given = port.stopListening()
        assert given is port.deferred
        given.addCallback(lambda _: reactor.stop())
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert recording.one("call", ".stopListening")["gives"] == {"deferred": "deferred-1"}
    order = [event.get("back") or event.get("call") for event in recording.events if "end" not in event]
    assert order[-3:] == ["factory-1.doStop", "deferred-1.callback", "reactor-1.stop"]
    assert recording.one("call", ".stop")["in"] == recording.one("back", "deferred-1.callback")["n"]


def test_a_deferred_crosses_even_if_nothing_is_attached(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.listenTCP(0, protocol.Factory(), interface="127.0.0.1").stopListening()
        reactor.callLater(0, reactor.stop)
        reactor.run(installSignalHandlers=False)

    assert record(program).one("back", "deferred-1.callback")["phase"] == "timer"


def test_a_deferred_that_has_fired_is_given_with_its_result(record: Record) -> None:
    recording = record(lambda reactor: reactor.resolve("127.0.0.1"))
    assert recording.one("call", ".resolve")["gives"] == {"deferred": "deferred-1", "fired": "127.0.0.1"}


def test_what_waits_for_the_applications_deferred_crosses_back_inside_its_firing(record: Record) -> None:
    def program(reactor: Any) -> None:
        waited: defer.Deferred[None] = defer.Deferred()
        reactor.addSystemEventTrigger("before", "shutdown", lambda: waited)
        reactor.addSystemEventTrigger("after", "shutdown", lambda: None)
        reactor.callWhenRunning(reactor.stop)
        reactor.callLater(0.001, waited.callback, None)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert recording.one("back", "function-1.call")["gives"] == {"deferred": "deferred-1"}
    firing = recording.one("call", "deferred-1.callback")
    assert recording.one("back", "function-2.call")["in"] == firing["n"]


def test_a_cancelled_deferred_is_a_call_with_the_errback_inside(record: Record) -> None:
    def program(reactor: Any) -> None:
        resolved = reactor.resolve("a.name.that.is.asked.for")
        resolved.addErrback(lambda failure: failure.trap(defer.CancelledError))
        resolved.cancel()

    recording = record(program)
    cancel = recording.one("call", "deferred-1.cancel")
    errback = recording.one("back", "deferred-1.errback")
    assert errback["in"] == cancel["n"] and errback["args"] == {"fail": {"error": "cancelled"}}


def test_unordered_results_are_sets(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.callLater(1, print)
        reactor.callLater(2, print)
        reactor.getDelayedCalls()

    assert record(program).one("call", ".getDelayedCalls")["gives"] == {"set": [{"ref": "timer-1"}, {"ref": "timer-2"}]}


def test_attributes_of_the_table_are_read_and_others_are_not(record: Record) -> None:
    def program(reactor: Any) -> None:
        assert reactor.running is False
        assert reactor.threadCallQueue == []

    recording = record(program)
    assert recording.events == [{"get": "reactor-1.running", "gives": False, "n": 1, "at": recording.events[0]["at"]}]


def test_a_name_is_resolved_by_the_reactors_resolver_for_a_class_that_receives(record: Record) -> None:
    def program(reactor: Any) -> None:
        port = reactor.listenTCP(0, protocol.ServerFactory.forProtocol(protocol.Protocol), interface="127.0.0.1")
        endpoint = endpoints.HostnameEndpoint(reactor, "127.0.0.1", port.getHost().port)
        connected = endpoint.connect(protocol.Factory.forProtocol(protocol.Protocol))
        connected.addCallback(lambda client: reactor.stop())
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert recording.all("get")[0]["get"] == "reactor-1.nameResolver"
    call = recording.one("call", "resolver-1.resolveHostName")
    assert call["args"]["resolutionReceiver"] == {"new": "receiver-1"}
    assert call["args"]["portNumber"] == {"port": "p-1"}
    assert [event["back"] for event in recording.all("back", "receiver-1.resolutionBegan")] == ["receiver-1.resolutionBegan"]
    assert recording.one("back", ".addressResolved")["args"] == {"address": {"ipv4": ["127.0.0.1", {"port": "p-1"}]}}
    complete = recording.one("back", ".resolutionComplete")
    assert recording.one("call", ".connectTCP")["in"] == complete["n"]


def test_a_resolver_of_the_applications_is_asked_and_its_answer_written(record: Record) -> None:
    @implementer(IResolverSimple)
    class Resolver:
        def getHostByName(self, name: str, timeout: Any = ()) -> defer.Deferred[str]:
            return defer.fail(error.DNSLookupError(name))

    def program(reactor: Any) -> None:
        reactor.installResolver(Resolver())
        factory = protocol.ClientFactory()
        factory.clientConnectionFailed = lambda connector, reason: reactor.stop()  # type: ignore[method-assign]
        reactor.connectTCP("name.invalid", 1, factory)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    asked = recording.one("back", "resolver-1.getHostByName")
    assert asked["args"] == {"name": "name.invalid", "timeout": [1, 3, 11, 45]}
    assert asked["gives"] == {"deferred": "deferred-1", "failed": {"error": "dns"}}
    assert asked["phase"] == "timer"
    assert recording.one("back", ".clientConnectionFailed")["args"]["reason"] == {"error": "dns"}
