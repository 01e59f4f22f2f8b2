"""load: a scenario file as values, and every mistake with its line and the nearest right name."""

from __future__ import annotations

import builtins
import dataclasses
import types
import typing
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ScenarioError, UsageError
from harness.expectation import expectations
from harness.load import find_scenarios, load
from harness.plan import plan
from harness.scenario import Scenario, Session

GOOD = """\
title: t
gateway: {config: gw}
vars: {to: user@gw.test}
matrix: {delay: ["yes", "no"]}
sessions:
  - id: one
    send: {from: a@ok.test, to: ["{{ to }}"]}
    expect: {rcpt: 250}
  - id: two
    when: {delay: "no"}
    chat: |
      S: 220
      C: QUIT
    expect: {connect: 220}
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    return file


def test_a_good_file_gives_cells_sessions_and_expectations(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, GOOD))
    assert loaded.cells == ((("delay", "yes"),), (("delay", "no"),))
    scenario = loaded.scenario(loaded.cells[0])
    assert scenario.sessions[0].send is not None
    assert scenario.sessions[0].send.sender == "a@ok.test"
    assert scenario.sessions[0].send.to == ["user@gw.test"]
    assert [session.id for _, session in loaded.sessions(loaded.cells[0])] == ["one"]
    assert [session.id for _, session in loaded.sessions(loaded.cells[1])] == ["one", "two"]
    (planned,) = loaded.expectations(scenario.sessions[0].expect, ("sessions", 0, "expect"))
    assert (planned.key, planned.line) == ("rcpt", 8)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("title: t", "titel: t"), r"s\.yaml:1: titel: no such key 'titel'; did you mean 'title'\?"),
        (("send: {from: a@ok.test", "send: {form: a@ok.test"), r":7: .*no such key 'form'; did you mean 'from'"),
        (("expect: {rcpt: 250}", "expect: {rctp: 250}"), r":8: .*no expectation 'rctp'; did you mean 'rcpt'"),
        (("expect: {rcpt: 250}", "expect: {rcpt: nonsense}"), r":8: "),
        (("gateway: {config: gw}", "gateway: {}"), r":2: .*'config' is required"),
        (("gateway: {config: gw}\n", ""), r"'gateway' is required"),
        (("title: t", "schema: 2\ntitle: t"), r":1: schema: expects 1"),
        (('when: {delay: "no"}', 'when: {dealy: "no"}'), r":10: .*no matrix name 'dealy'; did you mean 'delay'"),
        (("      S: 220", "      Z: 220"), r"s\.yaml:12: "),
        (("id: two", "id: one"), r":9: .*a second session 'one'"),
        (('["{{ to }}"]', '["{{ tu }}"]'), r":7: .*no variable 'tu'"),
        (("    expect: {rcpt: 250}", "    twin: tow\n    expect: {rcpt: 250}"), r":8: .*no session 'tow'.*'two'"),
        (("matrix: {delay: [\"yes\", \"no\"]}", "matrix: {delay: []}"), r":4: matrix: each name takes a list"),
        (("  - id: two\n", "  - id: two\n    send: {}\n"), r":9: .*exactly one of `send` and `chat`"),
        (("to: [\"{{ to }}\"]", "to: x"), r":7: .*expects a list, got 'x'"),
        (("send: {from", "send: {message: {file: a, raw: b}, from"), r":7: .*takes one of file, generate, raw"),
        (("gateway:", "next_hop: {replies: {RCTP: 450}}\ngateway:"), r":2: .*cannot refuse 'RCTP'; did you mean 'RCPT'"),
        (("gateway:", "next_hop: {replies: {data: later}}\ngateway:"), r":2: .*expects a reply as .*, got 'later'"),
        (
            ("gateway:", "next_hop:\n  rules:\n    - {on: rcpt, repyl: 450}\ngateway:"),
            r":4: next_hop.rules.0.repyl: no such key 'repyl'; did you mean 'reply'",
        ),
        (
            ("gateway:", "next_hop:\n  rules:\n    - {on: rctp, reply: 450}\ngateway:"),
            r":4: next_hop.rules.0.on: expects .*'rcpt'.*, got 'rctp'",
        ),
        (
            ("gateway:", "next_hop:\n  rules:\n    - {on: rcpt, from: a@x, reply: 99}\ngateway:"),
            r":4: .*expects a reply as .*, got '99'",
        ),
        (
            ("gateway:", 'next_hop: {rules: [{on: quit, reply: 450, when: {dealy: "no"}}]}\ngateway:'),
            r":2: .*no matrix name 'dealy'; did you mean 'delay'",
        ),
        (("gateway:", "later: [soon]\ngateway:"), r":2: later.0: expects a time"),
        (("gateway:", "dns: {faults: [{off: true, match: {}, do: {silence: true}}]}\ngateway:"), ":2: .*takes an `id`"),
        (("gateway:", "dns: {faults: [{every: 0, match: {}, do: {silence: true}}]}\ngateway:"), ":2: .*1 or more, got 0"),
        (("    chat: |\n", "    chat: |\n      !dns broken on\n"), r":12: no fault 'broken' in `dns:`"),
        (("  - id: one\n", "  - id: one\n    client: {gap: 1ms}\n"), r":7: .*a gap lies between two segments"),
        (("{config: gw}", "{config: gw, haste: 0.5}"), r":2: gateway.haste: expects 1 or more"),
        (("expect: {rcpt: 250}", "expect: {deliveries: {contains: []}}"), r":8: .*an empty list asserts nothing"),
        (("gateway:", "dns: {faults: [{match: {}, do: {}}]}\ngateway:"), r":2: .*exactly one of rcode, delay"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(ScenarioError, match=complaint):
        load(write(tmp_path, GOOD.replace(*change, 1)))


@pytest.mark.parametrize("key", ["verdict", "rule", "trace", "closed", "transcript", "rcpt", "connect", "end_of_data"])
def test_what_speaks_of_one_session_cannot_be_said_of_all(tmp_path: Path, key: str) -> None:
    with pytest.raises(ScenarioError, match=rf"s\.yaml:15: after\.{key}: '{key}' speaks of one session"):
        load(write(tmp_path, f"{GOOD}after: {{{key}: 250}}\n"))


_TEXTS = st.sampled_from(
    ["", "x", "a", "b", "250", "451 later", "accept", "C: QUIT\nS! eof", "!call x", "S: 2",
     "!repeat 2 {", "C. \\q", "/[/", ">=0", "1s", "-1s", "1500ms", "2003-08-10", "192.0.2.1", "::1", "a@ok.test",
     "eicar", "random:9", "file:no", "zip", "letter", "RCPT a", "x. A 192.0.2.1", "( x", "\0", "é", "multipart/x; y"]
)  # fmt: skip
_TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_EXPECT = st.dictionaries(st.sampled_from(list(expectations)), _TREES, max_size=2)


def _of(kind: Any) -> st.SearchStrategy[Any]:
    """Documents of the shape that this type has, with odd values in them."""
    args = get_args(kind)
    match get_origin(kind) or kind:
        case types.UnionType:
            return st.one_of(*map(_of, args))
        case builtins.list:
            return st.lists(_of(args[0]), max_size=2)
        case builtins.dict:
            return _EXPECT if args[1] is Any else st.dictionaries(_TEXTS, _of(args[1]), max_size=2)
        case typing.Literal:
            return st.sampled_from(args)
        case builtins.int | builtins.float:
            return st.integers(-1, 70000)
        case builtins.bool:
            return st.sampled_from(["true", "false"])
        case made if dataclasses.is_dataclass(made):
            hints = {"from" if name == "sender" else name: hint for name, hint in get_type_hints(made).items()}
            needed = {f.name for f in dataclasses.fields(made) if f.default is f.default_factory is dataclasses.MISSING}
            return st.fixed_dictionaries(
                {name: _of(hint) for name, hint in hints.items() if name in needed},
                optional={name: _of(hint) for name, hint in hints.items() if name not in needed},
            )
    return st.none() if kind is types.NoneType else _TEXTS


def _plausible(session: dict[str, Any]) -> dict[str, Any]:
    """The session without what would nearly always be the first thing that is wrong, and hide the next."""
    for name in ("twin", "when", "chat" if "send" in session else "send"):
        session.pop(name, None)
    session.setdefault("client", {})["ip"] = "192.0.2.1"
    return session if "send" in session or "chat" in session else {**session, "send": {}}


@given(_of(Scenario), _of(Session), st.sampled_from(["gw", "x", ""]))
def test_any_document_is_a_scenario_or_a_scenario_error(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any], session: dict[str, Any], config: str
) -> None:
    directory = tmp_path_factory.getbasetemp()
    (directory / "gw").mkdir(exist_ok=True)
    document["gateway"]["config"] = config
    document["sessions"] = [_plausible(session)]
    for name in ("schema", "matrix", "next_hop"):  # what would nearly always be the first thing that is wrong
        document.pop(name, None)
    try:
        loaded = load(write(directory, yaml.safe_dump(document, allow_unicode=True)))
        for cell in loaded.cells:
            plan(loaded, cell)
    except ScenarioError as error:
        assert error.file and "\n" not in error.what


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_is_a_scenario_or_a_scenario_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "s.yaml"
    for data in (text.encode("utf-8", "surrogatepass"), text.encode("utf-16", "surrogatepass")):
        file.write_bytes(data)
        with pytest.raises(ScenarioError):
            load(file)


def test_directories_are_searched_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b/two.yaml", "a/one.yaml", ".nox/three.yaml", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert [p.relative_to(tmp_path).as_posix() for p in find_scenarios([tmp_path])] == ["a/one.yaml", "b/two.yaml"]
    with pytest.raises(UsageError, match="no such scenario file or directory"):
        find_scenarios([tmp_path / "c"])
