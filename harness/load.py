"""load - a scenario file -> Scenario; every complaint says file:line, what is wrong, and the nearest right name.

YAML is read as YAML 1.2 means it: `no` and `010` stay what they say.  Keys are checked against the dataclasses of
scenario.py and against the fields of each expectation, so a misspelt key can never make a check disappear.
"""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from harness import expectation as contract
from harness.document import Lines, read_document
from harness.errors import HarnessError, ScenarioError, UnknownMember, UsageError, did_you_mean
from harness.expectation import Expectation
from harness.recorded import arrivals_of
from harness.replay.hop_script import HopScript
from harness.replay.hop_script import check as check_rule
from harness.replay.script import duration, parse_chat, parse_gap
from harness.scenario import Client, Load, NextHop, Scenario, Session
from harness.substitute import substitute
from harness.threshold import parse_threshold

Cell = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PlannedExpectation:
    """An expectation, the key it was written under, and the line it stands on."""

    key: str
    expectation: Expectation
    line: int


@dataclass(frozen=True)
class Loaded:
    """A scenario file that holds no error: its cells, and the Scenario each of them makes."""

    file: Path
    lines: Lines
    data: Mapping[str, Any]
    cells: tuple[Cell, ...]
    _made: dict[Cell, Scenario] = field(default_factory=dict, repr=False, compare=False)  # collecting asks many times

    def scenario(self, cell: Cell = ()) -> Scenario:
        """The scenario with this cell's values put in for `{{ name }}`.  Raises ScenarioError."""
        if cell not in self._made:
            known = {**_texts(self.data.get("vars")), **dict(cell)}
            scenario = _validate(Scenario, substitute(self.data, known, self.fault), (), self.fault)
            assert isinstance(scenario, Scenario)
            self._made[cell] = scenario
        return self._made[cell]

    def sessions(self, cell: Cell = ()) -> tuple[tuple[int, Session], ...]:
        """(index in the file, session) for each session that this cell replays."""
        values = dict(cell)
        return tuple(
            (index, session)
            for index, session in enumerate(self.scenario(cell).sessions)
            if all(values.get(name) == value for name, value in session.when.items())
        )

    def require_sessions(self, cell: Cell) -> None:
        """Raises ScenarioError for a cell that replays nothing: it would pass whatever the gateway did."""
        if "refuses" in self.scenario(cell).after:
            if self.scenario(cell).sessions:
                raise self.fault(("sessions",), "a gateway that refuses to start (`after: refuses`) has no sessions")
            return
        if not self.scenario(cell).sessions:
            raise self.fault((), "no sessions: nothing would be replayed, so nothing can fail")
        if not self.sessions(cell):
            named = ", ".join(f"{name}={value}" for name, value in cell)
            raise self.fault(("sessions",), f"`when` leaves no session for {named}: nothing would be replayed")

    def expectations(self, written: Mapping[str, Any], path: tuple[str | int, ...]) -> tuple[PlannedExpectation, ...]:
        """The expectations below one `expect:` or `after:`.  Raises ScenarioError."""
        return tuple(self._expectation(key, value, (*path, key)) for key, value in written.items())

    def line(self, path: Sequence[str | int]) -> int:
        """The line a path of keys and indices stands on, or that of the nearest thing above it."""
        while path and tuple(path) not in self.lines:
            path = path[:-1]
        return self.lines.get(tuple(path), 1)

    def fault(self, path: Sequence[str | int], what: str) -> ScenarioError:
        dotted = ".".join(str(part) for part in path)
        return ScenarioError(f"{dotted}: {what}" if dotted else what, file=str(self.file), line=self.line(path))

    def _expectation(self, key: str, value: Any, path: tuple[str | int, ...]) -> PlannedExpectation:
        try:
            member = contract.expectations[key]
        except UnknownMember as error:
            raise self.fault(path, error.what) from None
        if path[0] == "after" and getattr(member, "of_session", False):
            raise self.fault(path, f"{key!r} speaks of one session, so it cannot stand below `after:`")
        try:
            of = getattr(member, "of", None)
            made = of(value, key) if of is not None else _validate(member, value, path, self.fault)
        except ScenarioError as error:
            raise error if error.file else self.fault(path, error.what) from None
        except (ValueError, TypeError) as error:
            raise self.fault(path, str(error)) from None
        return PlannedExpectation(key, made, self.line(path))


def load(path: Path) -> Loaded:
    """Read and check one scenario file.  Raises ScenarioError; reads nothing but this file."""
    data, lines = read_document(path, typed_below=("expect", "after"))
    probe = Loaded(path, lines, data, ())
    matrix = data.get("matrix") or {}
    if not isinstance(matrix, Mapping) or not all(isinstance(v, list) and v for v in matrix.values()):
        raise probe.fault(("matrix",), "each name takes a list of at least one value")
    cells = tuple(
        tuple(zip(matrix, values, strict=True))
        for values in itertools.product(*(map(str, column) for column in matrix.values()))
    )
    loaded = Loaded(path, lines, data, cells)
    for cell in cells:
        _check(loaded, cell)
    return loaded


def named(file: str) -> Path:
    """The file a command line names.  Raises UsageError when it is not there."""
    if not Path(file).is_file():
        raise UsageError(f"no such scenario file: {file!r}")
    return Path(file)


def find_scenarios(paths: Iterable[Path]) -> list[Path]:
    """Scenario files among these paths: a file is taken as it is, a directory is searched for *.yaml, in order.

    Raises UsageError for a path that is not there.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found.extend(sorted(p for p in path.rglob("*.yaml") if not _hidden(p.relative_to(path))))
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(f"no such scenario file or directory: {str(path)!r}")
    return found


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _check(loaded: Loaded, cell: Cell) -> None:
    """Everything about one cell that can be wrong without starting anything."""
    scenario = loaded.scenario(cell)
    for name, text in scenario.procs.items():
        parse_chat(text, scenario.procs, str(loaded.file), loaded.line(("procs", name)))
    _check_next_hop(loaded, scenario)
    if scenario.gateway.haste < 1:
        raise loaded.fault(("gateway", "haste"), f"expects 1 or more, got {scenario.gateway.haste:g}")
    ids = [session.id for session in scenario.sessions]
    for index, session in enumerate(scenario.sessions):
        path = ("sessions", index)
        if ids.index(session.id) != index:
            raise loaded.fault((*path, "id"), f"a second session {session.id!r}")
        if session.twin is not None and session.twin not in ids:
            raise loaded.fault((*path, "twin"), f"no session {session.twin!r}{did_you_mean(session.twin, ids)}")
        _check_client(loaded, session.client, (*path, "client"))
        if (session.send is None) == (session.chat is None):
            raise loaded.fault(path, f"session {session.id!r} takes exactly one of `send` and `chat`")
        for name in session.when:
            if name not in scenario.matrix:
                raise loaded.fault(
                    (*path, "when", name), f"no matrix name {name!r}{did_you_mean(name, scenario.matrix)}"
                )
        if session.chat is not None:
            chat = parse_chat(session.chat, scenario.procs, str(loaded.file), loaded.line((*path, "chat")))
            names = [fault.id for fault in scenario.dns.faults if fault.id is not None]
            for step in chat.dns_faults:
                if step.name not in names:
                    what = f"no fault {step.name!r} in `dns:`{did_you_mean(step.name, names)}"
                    raise ScenarioError(what, file=str(loaded.file), line=step.line)
        if session.send is not None:
            _check_message(loaded, session, path)
        loaded.expectations(session.expect, (*path, "expect"))
    for index, fault in enumerate(scenario.dns.faults):
        at = ("dns", "faults", index)
        if sum(value is not None for value in vars(fault.do).values()) != 1:
            raise loaded.fault(
                (*at, "do"), "takes exactly one of rcode, delay, silence, truncate, answer, wrong_id, forged"
            )
        if fault.during is not None and fault.during not in ids:
            raise loaded.fault((*at, "during"), f"no session {fault.during!r}{did_you_mean(fault.during, ids)}")
        if fault.off and fault.id is None:
            raise loaded.fault((*at, "off"), "a fault that is off takes an `id`, or nothing can turn it on")
        for name, least in (("times", 1), ("skip", 0), ("every", 1)):
            if (value := getattr(fault, name)) is not None and value < least:
                raise loaded.fault((*at, name), f"expects {least} or more, got {value}")
    loaded.expectations(scenario.after, ("after",))
    if scenario.load is not None:
        _check_load(loaded, scenario.load, ids)


def _check_next_hop(loaded: Loaded, scenario: Scenario) -> None:
    at: tuple[str | int, ...]
    for index, rule in enumerate(scenario.next_hop.rules):
        at = ("next_hop", "rules", index)
        with _placed(loaded, at):
            check_rule(rule)
        for name in rule.when:
            if name not in scenario.matrix:
                raise loaded.fault((*at, "when", name), f"no matrix name {name!r}{did_you_mean(name, scenario.matrix)}")
    for key, reply in scenario.next_hop.replies.items():
        with _placed(loaded, ("next_hop", "replies", key)):
            HopScript(NextHop(replies={key: reply}))
    for index, text in enumerate(scenario.later):
        with _placed(loaded, ("later", index)):
            duration(text)


@contextmanager
def _placed(loaded: Loaded, path: tuple[str | int, ...]) -> Iterator[None]:
    """Give a complaint the line of what was being read."""
    try:
        yield
    except ScenarioError as error:
        raise loaded.fault(path, error.what) from None


def _check_load(loaded: Loaded, load: Load, ids: list[str]) -> None:
    for name in load.mix:
        if name not in ids:
            raise loaded.fault(("load", "mix", name), f"no session {name!r}{did_you_mean(name, ids)}")
    for key in ("connections", "processes", "reuse", "rounds"):
        if getattr(load, key) < 1:
            raise loaded.fault(("load", key), f"expects 1 or more, got {getattr(load, key)}")
    if not load.sessions and not load.duration:
        raise loaded.fault(("load",), "takes `sessions`, `duration`, or both: without either it never ends")
    parts: list[tuple[tuple[str | int, ...], Any, str]] = [
        (("load", "thresholds", index), parse_threshold, text) for index, text in enumerate(load.thresholds)
    ]
    parts += (
        [(("load", "arrivals"), partial(arrivals_of, directory=loaded.file.parent), load.arrivals)]
        if load.arrivals
        else []
    )
    parts += [(("load", "duration"), _lasting, load.duration)] if load.duration else []
    for path, parse, text in parts:
        try:
            parse(text)
        except ValueError as error:
            raise loaded.fault(path, str(error)) from None
        except ScenarioError as error:
            raise loaded.fault(path, error.what) from None


def _lasting(text: str) -> None:
    """Raises ValueError, ScenarioError."""
    if not duration(text):
        raise ValueError("a load that takes no time has no session: expects more than 0s")


def _check_client(loaded: Loaded, client: Client, path: tuple[str | int, ...]) -> None:
    try:
        ipaddress.ip_address(client.ip)
    except ValueError:
        raise loaded.fault((*path, "ip"), f"expects an IPv4 or IPv6 address, got {client.ip!r}") from None
    if client.port is not None and not 0 < client.port < 65536:
        raise loaded.fault((*path, "port"), f"expects a port from 1 to 65535, got {client.port}")
    if client.segment is not None and client.segment < 1:
        raise loaded.fault((*path, "segment"), f"expects at least 1 byte at a time, got {client.segment}")
    if client.gap is not None:
        with _placed(loaded, (*path, "gap")):
            parse_gap(client.gap)
        if client.segment is None and not client.slow_reader:
            raise loaded.fault((*path, "gap"), "a gap lies between two segments: it takes `segment` or `slow_reader`")


def _check_message(loaded: Loaded, session: Session, path: tuple[str | int, ...]) -> None:
    assert session.send is not None
    message = session.send.message
    sources = [name for name in ("file", "generate", "raw") if getattr(message, name) is not None]
    built = message.body is not None or bool(message.parts)
    if len(sources) > 1 or (sources and built):
        raise loaded.fault(
            (*path, "send", "message"), "takes one of file, generate, raw, or a body with parts, not several"
        )


def _texts(value: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {}


# -- validation: pydantic checks the types, we say it in our own words -------------------------------------------


@cache
def _adapter(kind: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _validate(kind: type, data: Any, at: tuple[str | int, ...], fail: Any) -> Any:
    from pydantic import ValidationError

    for path, key, known in _unknown_keys(kind, data, at):
        raise fail((*path, key), f"no such key {key!r}{did_you_mean(str(key), known)}")
    try:
        return _adapter(kind).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = (*at, *(part for part in first["loc"] if not str(part).startswith(("function-", "dict[", "list["))))
        raise fail(where, _words(first, kind)) from None


def _words(error: Mapping[str, Any], kind: type) -> str:
    match error["type"]:
        case "missing" | "missing_argument":
            return f"{error['loc'][-1]!r} is required"
        case "dataclass_type" | "dict_type":
            return f"expects a mapping, got {error['input']!r}"
        case "list_type":
            return f"expects a list, got {error['input']!r}"
        case "literal_error":
            return f"expects {error['ctx']['expected']}, got {error['input']!r}"
        case _:
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}, got {error['input']!r}"


def _unknown_keys(
    kind: Any, data: Any, at: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any, list[str]]]:
    """(path, key, known keys) for each key that the dataclasses do not know, anywhere below."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        for arm in args:
            if (is_dataclass(arm) and isinstance(data, Mapping)) or get_origin(arm) in (list, dict, tuple):
                yield from _unknown_keys(arm, data, at)
    elif is_dataclass(kind) and isinstance(data, Mapping):
        hints = _hints(cast("type", kind))
        for key, value in data.items():
            if key not in hints:
                yield at, key, [written_as(name) for name in hints]
            else:
                yield from _unknown_keys(hints[key], value, (*at, key))
    elif origin in (list, tuple) and isinstance(data, list) and args:
        for index, value in enumerate(data):
            yield from _unknown_keys(args[0], value, (*at, index))
    elif origin is dict and isinstance(data, Mapping):
        for key, value in data.items():
            yield from _unknown_keys(args[1], value, (*at, key))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def written_as(name: str) -> str:
    """The word users write for a field: `from`, which Python keeps for itself, is the field `sender`."""
    return "from" if name == "sender" else name


__all__ = ["Cell", "HarnessError", "Loaded", "PlannedExpectation", "find_scenarios", "load", "written_as"]
