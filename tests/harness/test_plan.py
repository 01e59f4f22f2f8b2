"""plan: every byte fixed by the seed, every name resolved, every complaint with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ConfigError, ScenarioError
from harness.load import load
from harness.plan import Plan, mentions, placed, plan, scenario_name
from harness.replay.script import Script, Send

SCENARIO = """\
title: t
matrix: {to: [a@gw.test, b@gw.test]}
dns:
  zone: |
    7.2.0.192.in-addr.arpa. PTR good.test.
    good.test. A 192.0.2.7
  faults:
    - {match: {name: x.test}, do: {rcode: servfail}, during: broken}
gateway:
  config: gw
  set:
    message_size_limit: 10
  files:
    maps: |
      one
      two
sessions:
  - {id: sent, client: {ip: 192.0.2.7}, send: {to: ["{{ to }}"], message: {generate: letter}}, expect: {dns_query: {asked: [x.test]}}}
  - {id: broken, chat: "S: 220\\nC< body.txt", expect: {closed: true}}
  - {id: only-b, when: {to: b@gw.test}, client: {ip: "2001:db8::1", name: unknown}, send: {}, expect: {verdict: accept}}
after: {conservation: true}
"""

Make = Callable[..., Plan]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """made(old, new, cell=0, seed=None): the plan of the scenario, changed in one place."""
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text("x = y\n")
    (tmp_path / "body.txt").write_bytes(b".dot\r\n")

    def make(old: str = "", new: str = "", *, cell: int = 0, seed: int | None = None) -> Plan:
        assert old in SCENARIO
        (tmp_path / "s.yaml").write_text(SCENARIO.replace(old, new, 1) if old else SCENARIO)
        loaded = load(tmp_path / "s.yaml")
        return plan(loaded, loaded.cells[cell], seed)

    return make


def sent(script: Script) -> bytes:
    return b"".join(step.data for step in script.steps if isinstance(step, Send))


def test_a_seed_fixes_every_byte_and_another_makes_others(made: Make) -> None:
    one, again, other = made(), made(), made(seed=2)
    assert one.sessions[0].script == again.sessions[0].script
    assert sent(one.sessions[0].script) != sent(other.sessions[0].script)
    assert (one.seed, other.seed) == (1, 2)


def test_a_cell_has_its_own_values_and_sessions(made: Make) -> None:
    assert [planned.session.id for planned in made().sessions] == ["sent", "broken"]
    second = made(cell=1)
    assert [planned.session.id for planned in second.sessions] == ["sent", "broken", "only-b"]
    assert b"RCPT TO:<b@gw.test>" in sent(second.sessions[0].script)


def test_clients_are_who_the_zone_says(made: Make) -> None:
    known, unknown, said = (planned.identity for planned in made(cell=1).sessions)
    assert (known.name, known.reverse_name, known.helo) == ("good.test", "good.test", "good.test")
    assert (unknown.name, unknown.helo) == ("[UNAVAILABLE]", "[192.0.2.8]")
    assert (said.name, said.helo) == ("unknown", "[IPv6:2001:db8::1]")


def test_who_asks_dns_alone_and_who_is_watched(made: Make) -> None:
    sessions = made(cell=1).sessions
    assert [planned.alone for planned in sessions] == [True, True, False]
    assert [planned.script.watched for planned in sessions] == [False, True, False]


def test_files_of_a_chat_are_read_and_dot_stuffed(made: Make) -> None:
    assert sent(made().sessions[1].script) == b"..dot\r\n"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title: t", "title: t\nclock: noon", r"s\.yaml:2: clock: expects a date and time"),
        ("config: gw", "config: gww", r"s\.yaml:10: gateway.config: gww: no such file; did you mean 'gw'"),
        ("config: gw", "config: body.txt", r"s\.yaml:10: .*not a configuration directory"),
        ("good.test. A 192.0.2.7", "good.test. A 192.0.2.777", r"s\.yaml:6: "),
        ("body.txt", "bodi.txt", r"s\.yaml:19: .*bodi.txt: no such file; did you mean 'body.txt'"),
        ("generate: letter", "generate: lettre", r"s\.yaml:18: .*no generator 'lettre'; did you mean 'letter'"),
    ],
)
def test_each_mistake_has_its_place(made: Make, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        made(old, new)


@pytest.mark.parametrize(
    ("error", "place"),
    [
        (ConfigError("bad numerical configuration: message_size_limit = x", file="set"), "s.yaml:12"),
        (ConfigError("something about it all", file="set"), "s.yaml:9"),
        (ConfigError("bad line", file="maps", line=2), "s.yaml:16"),
        (ConfigError("bad line", file="main.cf", line=1), "gw/main.cf:1"),
        (ConfigError("no such file", file="elsewhere"), "elsewhere"),
        (ConfigError("no place at all"), ""),
    ],
)
def test_a_refused_configuration_has_a_place_the_user_can_open(made: Make, error: ConfigError, place: str) -> None:
    found = placed(error, made())
    assert found.what == error.what
    assert f"{found.file or ''}{f':{found.line}' if found.line else ''}".endswith(place)


def test_a_parameter_is_not_found_in_a_longer_one() -> None:
    assert mentions("bad: mynetworks = x", "mynetworks")
    assert not mentions("bad: mynetworks_style = x", "mynetworks")


@pytest.mark.parametrize(
    ("file", "name"), [("scenarios/policy/dnsbl/x.yaml", "policy/dnsbl/x"), ("elsewhere/x.yaml", "x")]
)
def test_a_scenario_is_called_by_its_place_below_scenarios(made: Make, tmp_path: Path, file: str, name: str) -> None:
    assert scenario_name(made().scenario, tmp_path / file) == name
