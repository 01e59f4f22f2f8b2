"""run: a started world, what is seen in it, and that nothing of it stays, whatever the target does."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import ConfigError, TargetError
from harness.gateway.rule import Rule
from harness.load import load
from harness.observation import AskedRule, LogLine, Observation, SessionSeen
from harness.plan import Plan, plan
from harness.run import configuration, deciding, joined, run, start
from harness.scenario import HopRule, NextHop
from harness.target import Address, Running, SessionRecord, Target, TargetRecord, Via, World, targets

SCENARIO = """title: t
dns: {{zone: gw.test. A 192.0.2.1}}
gateway: {{config: gw{more}}}
sessions:
{sessions}
"""
SESSION = "  - {{id: {id}, client: {{via: none}}, send: {{}}, expect: {{verdict: accept}}{more}}}"
MAIN_CF = "relay_domains = gw.test\nsmtpd_relay_restrictions = reject_unauth_destination\n"


class Falling:
    """A gateway that greets so many clients with 554, then dies; how it settles and stops is for the test to say."""

    name = "falling"
    takes, ours = "", True
    source: str | None = None
    via: Via | None = None
    smtp: Address

    def __init__(self, lives: int, *, settles: str = "", stops: str = "") -> None:
        self.lives, self.settles, self.stops, self.stopped = lives, settles, stops, False

    def missing(self) -> str:
        return ""

    async def start(self, world: World) -> Running:
        self.world = world
        self.server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        self.smtp = self.server.sockets[0].getsockname()
        if not self.lives:
            self.server.close()
        return self

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lives -= 1
        if not self.lives:
            self.server.close()
        writer.write(b"554 5.3.2 not now\r\n")
        await reader.readline()
        writer.close()
        await writer.wait_closed()

    async def try_again(self) -> None: ...

    async def settle(self, timeout_s: float) -> None:
        if self.settles:
            raise TargetError(self.settles)

    def session(self, client: Address) -> SessionRecord:
        return SessionRecord()

    def record(self) -> TargetRecord:
        return TargetRecord()

    async def stop(self) -> None:
        self.server.close()
        self.stopped = True
        if self.stops:
            raise TargetError(self.stops)


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., Plan]:
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF)

    def made(*ids: str, more: str = "", each: str = "") -> Plan:
        sessions = "\n".join(SESSION.format(id=one, more=each) for one in ids)
        (tmp_path / "s.yaml").write_text(SCENARIO.format(sessions=sessions, more=more))
        return plan(load(tmp_path / "s.yaml"))

    return made


def ran(plan: Plan, target: Target, workdir: Path, *only: str) -> Observation:
    return asyncio.run(run(plan, target, workdir, only or None, timeout_s=5))


def test_a_mail_is_seen_from_both_ends(planned: Callable[..., Plan], tmp_path: Path) -> None:
    seen = ran(planned("one", "two"), targets["reference"](), tmp_path, "two")
    (session,) = seen.sessions
    assert (session.id, session.verdict, len(session.deliveries), seen.ended) == ("two", "accept", 1, "")
    assert session.deliveries[0].queue_id == session.queue_ids[0]
    assert {query.name for query in session.dns_queries or ()} <= {"gw.test"} and not seen.undeclared_queries
    assert seen.first_at is not None


@pytest.mark.parametrize(
    ("target", "ended"),
    [
        (Falling(9), ""),
        (Falling(9, settles="died of hunger"), "died of hunger"),
        (Falling(9, stops="died in its sleep"), "died in its sleep"),
        (Falling(1), "the target died while sessions were replayed: "),
        (Falling(2), "the target died while sessions were replayed: "),
    ],
)
def test_a_target_that_dies_leaves_what_was_seen_and_nothing_else(
    planned: Callable[..., Plan], tmp_path: Path, target: Falling, ended: str
) -> None:
    seen = ran(planned("one", "two", "three", more=", serial: true"), target, tmp_path)
    assert seen.ended.startswith(ended) and bool(seen.ended) == bool(ended)
    assert [session.verdict for session in seen.sessions][:1] == ["reject"]
    assert target.stopped
    for host, port in (target.world.dns, target.world.next_hop):
        with socket.socket() as free, pytest.raises(ConnectionRefusedError):
            free.connect((host, port))


def test_a_target_that_answers_nobody_is_an_error(planned: Callable[..., Plan], tmp_path: Path) -> None:
    target = Falling(0)
    with pytest.raises(TargetError):
        ran(planned("one"), target, tmp_path)
    assert target.stopped


def test_a_port_that_is_taken_is_an_error_of_the_target(planned: Callable[..., Plan], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        starting = start(planned("one"), targets["reference"](), tmp_path, options={"listen": listen})
        with pytest.raises(TargetError, match="target reference: "):
            asyncio.run(starting)


def test_a_refused_parameter_is_placed_in_the_scenario(planned: Callable[..., Plan], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"s\.yaml:3: bad numerical configuration: message_size_limit = x"):
        ran(planned("one", more=", set: {message_size_limit: x}"), targets["reference"](), tmp_path)


def test_a_session_that_is_alone_has_its_questions_to_itself(planned: Callable[..., Plan], tmp_path: Path) -> None:
    seen = ran(planned("one", "two", each=", alone: true"), Falling(9), tmp_path)
    assert [session.dns_queries for session in seen.sessions] == [(), ()]
    assert ran(planned("one"), Falling(9), tmp_path).sessions[0].dns_queries is None, "not looked at"


def test_tables_of_the_scenario_lie_beside_main_cf(planned: Callable[..., Plan], tmp_path: Path) -> None:
    made = planned("one", more=", files: {maps/access: x.test REJECT}")
    directory = configuration(made, tmp_path / "work")
    assert (directory / "maps/access").read_text() == "x.test REJECT"
    assert (directory / "main.cf").read_text() == MAIN_CF
    assert configuration(planned("one"), tmp_path / "other") == tmp_path / "gw"


def asked(place: str, element: str, decided: bool) -> AskedRule:
    return AskedRule("rcpt", place, element, Rule("main.cf", 1, element), "", decided)


def test_a_line_of_a_table_decides_for_the_element_that_asked_the_table() -> None:
    trace = (
        asked("smtpd_client_restrictions", "permit_mynetworks", False),
        asked("smtpd_client_restrictions", "check_client_access hash:black", False),
        asked("hash:black", "192.0.2", True),
    )
    found = deciding(SessionSeen("one", trace=trace))
    assert found is not None
    assert (found.place, found.element) == ("smtpd_client_restrictions", "check_client_access hash:black")
    assert found.rule.text == "192.0.2"
    assert deciding(SessionSeen("one", trace=trace[:2])) is None
    assert deciding(SessionSeen("one")) is None


def test_the_queue_is_tried_again_when_the_clock_is_turned(planned: Callable[..., Plan], tmp_path: Path) -> None:
    made = planned("one")
    hop = NextHop([HopRule("rcpt", times=2, reply="450 4.2.0 later")])
    made = replace(made, next_hop=hop, scenario=replace(made.scenario, later=["1m", "5m"]))
    seen = ran(made, targets["reference"](), tmp_path)
    # A minute is less than minimal_backoff_time, six minutes are more; the second try is refused as the first was.
    tries = [line.text for line in seen.log or () if "status=" in line.text]
    assert ["delay=0," in tries[0], "delay=360," in tries[1], len(tries)] == [True, True, 2]
    (session,) = seen.sessions
    assert session.accounts == ((session.queue_ids[0], "queued"),)


def test_the_records_of_two_connections_are_those_of_one_session() -> None:
    line = LogLine("smtpd", "connect from x")
    both = joined([SessionRecord(("A",), (), (line,), None), SessionRecord(("B",), (), (), ())])
    assert both == SessionRecord(("A", "B"), (), (line,), None), "what is not told of one is told of none"


def test_a_step_of_a_chat_breaks_and_mends_the_dns(tmp_path: Path) -> None:
    (tmp_path / "gw").mkdir()
    more = "smtpd_sender_restrictions = reject_unknown_sender_domain\n"
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF + more)
    (tmp_path / "s.yaml").write_text("""title: t
dns:
  zone: gw.test. A 192.0.2.1
  faults: [{id: broken, off: true, match: {name: gw.test}, do: {rcode: servfail}}]
gateway: {config: gw}
procs:
  try: |
    !reconnect
    S: 220
    C: EHLO a
    S* 250
    C: MAIL FROM:<a@gw.test>
    S: 250
    C: RCPT TO:<b@gw.test>
sessions:
  - id: one
    client: {via: none}
    chat: |
      !call try
      S: 250
      !dns broken on
      !call try
      S: 450 4.1.8
      !dns broken off
      !call try
      S: 250
    expect: {rcpt: [250, 450, 250]}
""")
    planned = plan(load(tmp_path / "s.yaml"))
    assert planned.sessions[0].alone, "nobody else may meet it"
    seen = ran(planned, targets["reference"](), tmp_path)
    assert seen.sessions[0].step_failures == ()
    assert "SERVFAIL" in [query.outcome for query in seen.sessions[0].dns_queries or ()]
