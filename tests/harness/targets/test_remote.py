"""remote: replies are judged; what nobody can see from outside is not checked, and never passed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.cell import kind_of, known_target, target_of
from harness.compare import compare
from harness.errors import TargetError, UsageError
from harness.judge import judge
from harness.load import load
from harness.observation import Observation
from harness.plan import Plan, plan
from harness.replay.sink import Sink
from harness.result import ScenarioResult
from harness.run import run, start

SCENARIO = """title: a gateway from outside
dns:
  zone: |
    ok.test. MX 10 mail.ok.test.
    mail.ok.test. A 192.0.2.8
    8.2.0.192.in-addr.arpa. PTR mail.ok.test.
  rbl: {rbl.test: {192.0.2.7: {}}}
gateway: {config: gw, set: {SET}}
sessions:
  - {id: taken, send: {to: [u@gw.test]}, expect: {rcpt: 250, end_of_data: 250}}
  - {id: took-and-arrived, send: {to: [u@gw.test]}, expect: {end_of_data: 250, deliveries: 1}}
  - {id: accepted, send: {to: [u@gw.test]}, expect: {verdict: accept}}
  - {id: nothing-arrives, send: {to: [u@gw.test]}, expect: {deliveries: 0, warn_txt: 0, conservation: true}}
  - {id: unseen, send: {to: [u@gw.test]}, expect: {rule: x, log: x, dns_query: {asked: x}, quarantine: 0, notifications: 0}}
  - {id: not-taken, send: {to: [u@gw.test]}, expect: {verdict: reject}}
  - {id: listed, client: {ip: 192.0.2.7}, send: {to: [u@gw.test]}, expect: {verdict: reject, rcpt: 554 5.7.1 /blocked using rbl/}}
  - {id: named, client: {name: a.test}, send: {to: [u@gw.test]}, expect: {end_of_data: 250}}
  - {id: nobody, client: {via: none}, send: {to: [u@gw.test]}, expect: {end_of_data: 250}}
  - {id: proxied, client: {ip: 192.0.2.7, via: proxy}, send: {to: [u@gw.test]}, expect: {rcpt: 554}}
  - {id: proxied-v2, client: {ip: 192.0.2.7, via: proxy-v2}, send: {to: [u@gw.test]}, expect: {rcpt: 554}}
after: {deliveries: 0}
"""
MAIN_CF = """myhostname = gw.test
mydestination =
relay_domains = gw.test
smtpd_relay_restrictions = reject_unauth_destination
smtpd_client_restrictions = reject_rbl_client rbl.test
"""
UNSEEN = {
    "taken": "passed", "took-and-arrived": "passed", "accepted": "skipped", "nothing-arrives": "skipped",
    "unseen": "skipped", "not-taken": "failed", "listed": "passed", "named": "passed", "nobody": "passed",
    "proxied": "skipped", "proxied-v2": "skipped",
}  # fmt: skip


def planned(directory: Path, *, parameters: str = "") -> Plan:
    (directory / "gw").mkdir(exist_ok=True)
    (directory / "gw" / "main.cf").write_text(MAIN_CF)
    (directory / "s.yaml").write_text(SCENARIO.replace("SET", parameters))
    return plan(load(directory / "s.yaml"))


@contextlib.asynccontextmanager
async def served(made: Plan, directory: Path, kind: str = "reference") -> AsyncIterator[str]:
    """A gateway that somebody else has started, as `gauntlet serve` does."""
    (directory / "elsewhere").mkdir()
    around = await start(made, known_target(kind), directory / "elsewhere")
    try:
        yield "{}:{}".format(*around.running.smtp)
    finally:
        await around.stop()


def observed(directory: Path, way: str = "", kind: str = "reference", *, parameters: str = "") -> Observation:
    """The scenario, on a remote that has its configuration by chance."""

    async def ran() -> Observation:
        made = planned(directory, parameters=parameters)
        async with served(made, directory, kind) as place:
            return await run(made, target_of(f"remote:{place}{way}"), directory, timeout_s=5)

    return asyncio.run(ran())


def judged(directory: Path, seen: Observation) -> ScenarioResult:
    return judge(planned(directory), seen)


def came_to(result: ScenarioResult) -> dict[str, str]:
    return {one.session: one.status.value for one in result.sessions}


def why(result: ScenarioResult, session: str) -> Sequence[str]:
    return [f.seen for one in result.sessions if one.session == session for f in one.findings]


def test_replies_are_judged_and_nothing_else_passes(tmp_path: Path) -> None:
    result = judged(tmp_path, observed(tmp_path))
    assert came_to(result) == UNSEEN
    assert {finding.expectation: finding.status.value for finding in result.findings} == {
        "dns.strict": "skipped", "deliveries": "skipped",
    }  # fmt: skip
    assert "PROXY" in why(result, "proxied")[0]
    assert result.target.startswith("remote:127.0.0.1:")


def test_what_is_not_seen_is_none_and_not_empty(tmp_path: Path) -> None:
    whole = observed(tmp_path)
    for name in ("deliveries", "notifications", "quarantine", "log", "dns_queries", "undeclared_queries"):
        assert getattr(whole, name) is None, name
    for name in ("deliveries", "notifications", "quarantine", "log", "dns_queries", "trace", "accounts"):
        assert [getattr(session, name) for session in whole.sessions] == [None] * len(whole.sessions), name


def test_a_remote_that_cannot_be_told_who_calls_is_not_checked_but_where_nobody_need_say(tmp_path: Path) -> None:
    async def ran() -> Observation:  # aiosmtpd, which knows no XCLIENT
        sink = Sink()
        try:
            host, port = await sink.start()
            return await run(planned(tmp_path), target_of(f"remote:{host}:{port}"), tmp_path, timeout_s=5)
        finally:
            await sink.stop()

    result = judged(tmp_path, asyncio.run(ran()))
    assert came_to(result) == {**dict.fromkeys(UNSEEN, "skipped"), "nobody": "passed"}
    assert why(result, "taken") == [
        "the target does not offer XCLIENT to this address (smtpd_authorized_xclient_hosts)"
    ]


@pytest.mark.parametrize("way", ["proxy", "proxy-v2"])
def test_proxy_tells_the_address_where_the_user_says_that_it_is_spoken(way: str, tmp_path: Path) -> None:
    whole = observed(tmp_path, f",{way}", parameters="smtpd_upstream_proxy_protocol: haproxy")
    result = judged(tmp_path, whole)
    mine, other = ("proxied", "proxied-v2") if way == "proxy" else ("proxied-v2", "proxied")
    assert came_to(result) == {**UNSEEN, "named": "skipped", mine: "passed", other: "skipped"}
    assert why(result, "named") == ["PROXY tells no name and no login, and the session has one"]


def test_a_remote_and_the_reference_agree_on_what_both_show(tmp_path: Path) -> None:
    whole = observed(tmp_path)
    made = planned(tmp_path)
    ours = asyncio.run(run(made, target_of("reference"), tmp_path))
    assert compare(ours, whole) == ()


def test_where_nobody_listens_is_told(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(TargetError, match=f"^127.0.0.1:{port}: .*refused"):
            asyncio.run(run(planned(tmp_path), target_of(f"remote:127.0.0.1:{port}"), tmp_path))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("remote", r"target remote: it is written remote:HOST:PORT\[,proxy"),
        ("remote:", "target remote: it is written"),
        ("remote:mx.test", "'mx.test' is no address; it is written HOST:PORT"),
        ("remote:mx.test:25,prxy", "no way 'prxy' to say who the client is; did you mean 'proxy'"),
        ("reference:127.0.0.1:25", "target reference: it takes nothing, got '127.0.0.1:25'"),
    ],
)
def test_a_place_that_is_none_is_told(written: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        target_of(written)


def test_it_goes_nowhere_that_nobody_wrote() -> None:
    """Loopback alone may be left out; no scenario and no setting names a host."""
    assert target_of("remote::25").smtp == ("127.0.0.1", 25)  # type: ignore[attr-defined]
    assert target_of("remote:[2001:db8::1]:25").smtp == ("2001:db8::1", 25)  # type: ignore[attr-defined]
    assert kind_of("remote:[::1]:25") == "remote"


@pytest.mark.parametrize("doing", ["serve", "impact"])
def test_who_needs_a_configuration_of_ours_refuses_it(doing: str, tmp_path: Path) -> None:
    from harness.cli import main

    planned(tmp_path)
    arguments: dict[str, list[Any]] = {
        "serve": [tmp_path / "s.yaml"],
        "impact": [tmp_path / "gw", tmp_path / "gw", "--corpus", tmp_path / "s.yaml"],
    }
    assert main([doing, *map(str, arguments[doing]), "--target", "remote:127.0.0.1:25"]) == 2


@pytest.mark.witness
def test_a_real_postfix_is_a_remote_too(tmp_path: Path) -> None:
    if reason := known_target("postfix").missing():
        pytest.skip(reason)
    assert came_to(judged(tmp_path, observed(tmp_path, kind="postfix"))) == UNSEEN
