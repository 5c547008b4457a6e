"""Names, and that they hold nothing alive."""

from __future__ import annotations

import gc
import weakref

from skeintrace.record.addresses import Hosts, Ports
from skeintrace.record.identity import Names


class Thing:
    def method(self) -> None:
        pass

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def test_names_count_by_kind() -> None:
    names = Names()
    things = [Thing(), Thing(), Thing()]
    assert [names.give(things[0], "port"), names.give(things[1], "timer"), names.give(things[2], "port")] == [
        "port-1",
        "timer-1",
        "port-2",
    ]


def test_equal_objects_have_names_of_their_own() -> None:
    names = Names()
    one, other = Thing(), Thing()
    names.give(one, "factory")
    assert one == other and names.find(other) is None and names.find(one) == "factory-1"


def test_a_bound_method_is_known_by_its_object_and_its_function() -> None:
    names = Names()
    thing = Thing()
    names.give(thing.method, "function")
    assert names.find(thing.method) == "function-1"
    assert names.find(Thing().method) is None


def test_a_name_keeps_nothing_alive() -> None:
    names = Names()
    thing = Thing()
    names.give(thing, "protocol")
    names.give(thing.method, "function")
    gone = weakref.ref(thing)
    del thing
    gc.collect()
    assert gone() is None


def test_a_new_object_in_the_place_of_a_dead_one_is_another() -> None:
    names = Names()
    for number in range(1, 50):
        assert names.give(Thing(), "protocol") == f"protocol-{number}"


def test_a_port_that_the_system_assigned_keeps_its_name() -> None:
    ports = Ports(Names())
    assert ports.value(40000, assigned=True) == {"port": "p-1"}
    assert ports.value(40000) == {"port": "p-1"}


def test_a_port_that_the_application_asked_the_machine_for_is_an_input() -> None:
    ports = Ports(Names())
    ports.obtained(40001)
    assert ports.value(40001) == {"port": "free-1"}
    assert ports.value(40001, assigned=True) == {"port": "free-1"}


def test_a_port_that_the_application_chose_stays_a_literal() -> None:
    ports = Ports(Names())
    ports.chosen(8080)
    assert ports.value(8080, assigned=True) == 8080
    assert ports.value(0) == 0 and ports.value(-1) == -1 and ports.value("http") == "http"


def test_a_link_local_host_is_an_input_with_its_scope() -> None:
    hosts = Hosts(Names())
    assert hosts.value("fe80::1%dummy0") == {"host": "linklocal-1"}
    assert hosts.scope("fe80::1%dummy0", 7) == {"scope": "linklocal-1"}
    assert hosts.value("::1") == "::1" and hosts.scope("::1", 0) == 0
