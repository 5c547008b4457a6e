"""From the trace's values to live ones: objects, addresses, errors, descriptors."""

from __future__ import annotations

import errno as errno_module
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from twisted.internet import address, interfaces
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.python.reflect import namedAny

from ..format import families
from ..judge.recording import Event, Returned
from ..judge.values import kind_of
from ..record.errors import remember
from . import inputs
from .standins import descriptor, function, stand_in

if TYPE_CHECKING:
    from .driver import Driver


class Undecodable(Exception):
    """A recorded value that has no live one."""


class Decoder:
    """Makes live values from recorded ones."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        #: The application's own objects by recorded name.
        self.own: dict[str, Any] = {}
        self._classes: dict[str, type[BaseException]] = {}
        self._raised: dict[int, BaseException] = {}

    def value(self, value: Any, role: str = "") -> Any:
        """A live value; `role` is the argument's name, where it decides between an exception and a Failure."""
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, Mapping):
            return str(value) if isinstance(value, str) else value
        for form, make in self._forms.items():
            if form in value:
                return make(self, value)
        return {key: self.value(item) for key, item in value.items()}

    def arguments(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments by the interface's names."""
        return {name: self._argument(name, value) for name, value in args.items()}

    def _argument(self, name: str, value: Any) -> Any:
        if name == "bindAddress" and isinstance(value, Mapping) and ("ipv4" in value or "ipv6" in value):
            form = value["ipv6"] if "ipv6" in value else value["ipv4"]
            return tuple(self.value(item) for item in form)
        if name == "triggerID" and isinstance(value, Mapping) and "ref" in value:
            return self.object(str(value["ref"]))
        if name == "addressFamily":
            return getattr(socket, str(_constant(value)))
        if name == "addressTypes" and isinstance(value, list):
            return [{"ipv4": address.IPv4Address, "ipv6": address.IPv6Address}[str(_constant(item))] for item in value]
        return self.value(value)

    def error(self, value: Mapping[str, Any]) -> BaseException:
        """An exception; one raised before is the same object."""
        raised = value.get("raised")
        if raised is not None and raised in self._raised:
            return self._raised[raised]
        return self._new_error(value)

    def raising(self, n: int, value: Mapping[str, Any]) -> BaseException:
        """The exception that event `n` raises."""
        error = self.error(value)
        self._raised.setdefault(n, error)
        return error

    def forget_frames(self) -> None:
        """Errors that were raised are kept, but not what their frames held: with a socket that nobody closed, for one."""
        for error in self._raised.values():
            error.__traceback__ = error.__context__ = None

    def _new_error(self, value: Mapping[str, Any]) -> BaseException:
        family = str(value.get("error"))
        number = getattr(errno_module, str(value.get("errno", "")), None)
        if family == "application":
            error: BaseException = self._application_class(str(value.get("class", "Exception")))("recorded")
        else:
            cls = _class_of(family)
            try:
                error = cls() if number is None else cls(number, "recorded")
            except TypeError:
                error = cls("recorded") if number is None else cls(number, "recorded", "")
            # The system's, raised before any event of this run that it may come out of.
            remember(error, 0, applications=False)
        if number is not None and getattr(error, "errno", number) != number:
            error.errno = number  # type: ignore[attr-defined]
        return error

    def _application_class(self, name: str) -> type[BaseException]:
        if name not in self._classes:
            import builtins

            found = getattr(builtins, name, None)
            if isinstance(found, type) and issubclass(found, BaseException):
                self._classes[name] = found
            else:
                simple = name.rpartition(".")[2]
                self._classes[name] = type(simple, (Exception,), {"__qualname__": name})
        return self._classes[name]

    def place(self, value: Mapping[str, Any]) -> Any:
        """A socket address."""
        if "unix" in value:
            return self.value(value["unix"])
        form = value.get("ipv4") or value.get("ipv6") or ()
        host, port, *rest = [self.value(item) for item in form]
        if "ipv6" in value and not rest:
            return socket.getaddrinfo(host, port, socket.AF_INET6, socket.SOCK_STREAM)[0][4]
        return (host.partition("%")[0] if rest else host, port, *rest)

    # Objects.

    def object(self, name: str) -> Any:
        """The live object of a recorded name."""
        if name in self.own:
            return self.own[name]
        live = self.driver.judge.bindings.live_name(name)
        if live is not None and live in self.driver.live.names.objects:
            return self.driver.live.names.objects[live]
        if kind_of(name) == "function":
            return self._introduce(name, {})
        raise Undecodable(f"there is no live {name}")

    def _new(self, value: Mapping[str, Any]) -> Any:
        return self._introduce(str(value["new"]), value)

    def _introduce(self, name: str, form: Mapping[str, Any]) -> Any:
        kind = kind_of(name)
        if kind == "function":
            thing: Any = function(name, self.driver.play)
        elif kind == "object":
            thing = _Token()
        else:
            number = None
            if isinstance(form.get("fileno"), Mapping):
                number = self.value(form["fileno"])
            elif isinstance(form.get("fileno"), int):
                number = form["fileno"]
            thing = stand_in(name, form, self.driver.play, number)
        self.own[name] = thing
        self.driver.introduced(name, thing)
        return thing

    def construct(self, event: Event) -> Any:
        """Make a system object of a kind of the application's own, which calls what it overrides."""
        form = event.outcome.value if isinstance(event.outcome, Returned) else None
        if event.member != "abstract.FileDescriptor" or not isinstance(form, Mapping) or "new" not in form:
            raise Undecodable(f"{event.member} cannot be made")
        name = str(form["new"])
        known = form.get("fileno")
        number = self.value(known) if isinstance(known, Mapping) else known
        own = [other for other in self.driver.recording.events.values() if other.target == name]
        told = {other.method for other in own if other.kind == "back"}
        told |= {other.method.removeprefix("super.") for other in own if other.method.startswith("super.")}
        reactor = self.value(event.args["reactor"]) if "reactor" in event.args else None
        self.own[name] = thing = descriptor(name, form, self.driver.play, told, number, reactor)
        return thing

    def _ref(self, value: Mapping[str, Any]) -> Any:
        return self.object(str(value["ref"]))

    def _deferred(self, value: Mapping[str, Any]) -> Any:
        name = str(value["deferred"])
        if name in self.own:
            return self.own[name]
        deferred: Deferred[Any] = Deferred()
        if "fired" in value:
            deferred.callback(self.value(value["fired"]))
        elif "failed" in value:
            deferred.errback(failed(self.error(value["failed"])))
        self.own[name] = deferred
        return deferred

    def _method(self, value: Mapping[str, Any]) -> Any:
        name, member = value["method"]
        return getattr(self.object(str(name)), str(member))

    # Places.

    def _port(self, value: Mapping[str, Any]) -> int:
        return self.driver.inputs.port(str(value["port"]))

    def _host(self, value: Mapping[str, Any]) -> str:
        return self.driver.inputs.host(str(value["host"]))

    def _scope(self, value: Mapping[str, Any]) -> int:
        return self.driver.inputs.scope(str(value["scope"]))

    def _descriptor(self, value: Mapping[str, Any]) -> int:
        return self.driver.inputs.descriptor(str(value["fd"]), value.get("is"))

    def _ipv4(self, value: Mapping[str, Any]) -> Any:
        host, port = value["ipv4"]
        return address.IPv4Address(_transport(value), self.value(host), self.value(port))

    def _ipv6(self, value: Mapping[str, Any]) -> Any:
        host, port, *rest = value["ipv6"]
        return address.IPv6Address(_transport(value), self.value(host), self.value(port), *[self.value(item) for item in rest])

    def _unix(self, value: Mapping[str, Any]) -> Any:
        return address.UNIXAddress(self.value(value["unix"]))

    def _hostname(self, value: Mapping[str, Any]) -> Any:
        host, port = value["hostname"]
        return address.HostnameAddress(str(host).encode("ascii"), self.value(port))

    def _binding(self, value: Mapping[str, Any]) -> Any:
        host, port = (value["binding"].get("ipv4") or value["binding"].get("ipv6"))[:2]
        return interfaces._Binding(
            address=self.value(host),
            port=self.value(port),
            reuseAddress=value.get("reuseAddress", False),
            reusePort=value.get("reusePort", False),
        )

    def _set(self, value: Mapping[str, Any]) -> Any:
        return [self.value(item) for item in value["set"]]

    def _map(self, value: Mapping[str, Any]) -> Any:
        return {self.value(key): self.value(item) for key, item in value["map"]}

    def _opaque(self, value: Mapping[str, Any]) -> Any:
        return inputs.opaque(str(value["opaque"]))

    def _error(self, value: Mapping[str, Any]) -> Any:
        return failed(self.error(value))

    _forms: dict[str, Callable[[Decoder, Mapping[str, Any]], Any]] = {
        "new": _new, "ref": _ref, "deferred": _deferred, "method": _method, "error": _error, "ipv4": _ipv4, "ipv6": _ipv6,
        "unix": _unix, "hostname": _hostname, "binding": _binding, "port": _port, "host": _host, "scope": _scope,
        "fd": _descriptor, "set": _set, "map": _map, "opaque": _opaque,
        "constant": lambda self, value: str(value["constant"]),
    }  # fmt: skip


def failed(error: BaseException) -> Failure:
    """A Failure of an error."""
    return Failure(error)  # type: ignore[no-untyped-call]


class _Token:
    """An object that the system only hands on."""


def _transport(value: Mapping[str, Any]) -> Any:
    return str(value.get("type", "tcp")).upper()


def _constant(value: Any) -> Any:
    return value["constant"] if isinstance(value, Mapping) and "constant" in value else value


def _class_of(family: str) -> type[BaseException]:
    name = families().get(family)
    if not name:
        raise Undecodable(f"there is no class for the error {family}")
    found = namedAny(name)  # type: ignore[no-untyped-call]
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise Undecodable(f"{name} is no error")
    return found
