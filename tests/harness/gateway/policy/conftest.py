"""A policy over a configuration of a few lines, a DNS of a few records, and a session that is asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.clock import HandClock
from harness.gateway.dns import Answer, Failed, Found, Missing, Record
from harness.gateway.maillog import MailLog
from harness.gateway.policy.decide import Decision, Policy
from harness.gateway.policy.probe import Probe
from harness.gateway.session import Client, NameStatus, Session
from harness.gateway.settings import Settings

# An open gateway for strangers' mail to ok.test, with nobody to look up: what the tests add is what they are about.
BASE = {
    "compatibility_level": "3.6",
    "myhostname": "gw.example.test",
    "mydomain": "example.test",
    "mydestination": "example.test",
    "mynetworks": "127.0.0.0/8",
    "relay_domains": "ok.test",
    "local_recipient_maps": "",
    "alias_maps": "",
    "smtpd_relay_restrictions": "",
    "smtpd_recipient_restrictions": "reject_unauth_destination",
}


class World:
    """DNS as a dictionary: {"ok.test MX": ["10 mx.ok.test"], "late.test A": "servfail"}; a name alone exists."""

    def __init__(self, records: Mapping[str, object]) -> None:
        self.records = {key.lower(): value for key, value in records.items()}
        self.names = {key.split(" ")[0] for key in self.records}
        self.asked: list[tuple[str, str]] = []

    async def lookup(self, name: str, rtype: str) -> Answer:
        self.asked.append((name, rtype))
        name = name.lower()
        value = self.records.get(f"{name} {rtype.lower()}", self.records.get(f"{name} *"))
        if isinstance(value, str):
            return Failed(value)
        if value is None:
            return Missing(name not in self.names)
        records = []
        assert isinstance(value, list)
        for data in value:
            preference, _, target = data.partition(" ") if rtype == "MX" else ("0", "", data)
            records.append(Record(name, rtype, target, 60, int(preference)))
        return Found(tuple(records))


@dataclass
class Bench:
    """A policy, its world and its log; `session` makes a client, the commands are asked by their names."""

    policy: Policy
    world: World
    lines: list[str] = field(default_factory=list)

    def session(
        self,
        address: str = "192.0.2.7",
        name: str = "mail.ok.test",
        reverse_name: str | None = None,
        helo: str | None = "mail.ok.test",
        sender: str | None = "a@good.test",
    ) -> Session:
        status = NameStatus.OK if name != "unknown" else NameStatus.PERMANENT
        reverse = name if reverse_name is None else reverse_name
        reverse_status = NameStatus.OK if reverse != "unknown" else NameStatus.PERMANENT
        client = Client(address, "4321", name, status, reverse, reverse_status)
        session = Session(client, self.world, number=7, protocol="ESMTP", helo_name=helo)
        session.sender = sender
        return session

    def rcpt(self, session: Session | None = None, recipient: str = "u@ok.test") -> str:
        """The reply to RCPT, "" for none; the recipient counts as accepted then."""
        session = session or self.session()
        session.phase, session.where, session.recipient = "rcpt", "RCPT", recipient
        reply = said(asyncio.run(self.policy.rcpt(session)))
        if not reply:
            session.recipients.append(recipient)
        return reply

    def ask(self, command: str, session: Session, *arguments: str) -> str:
        """The reply to another command."""
        session.phase = command
        session.where = {"end_of_data": "END-OF-MESSAGE"}.get(command, command.upper())
        return said(asyncio.run(getattr(self.policy, command)(session, *arguments)))

    @property
    def log(self) -> list[str]:
        """What was logged, without the stamp and the process."""
        return [line.partition("]: ")[2] for line in self.lines]


def said(decision: Decision) -> str:
    if decision.hang_up:
        return "(hangs up)"
    return str(decision.reply) if decision.reply else ""


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    """bench({"smtpd_client_restrictions": ...}, dns={...}, files={"access": "..."}) -> Bench; None leaves unset."""

    def make(
        config: Mapping[str, str | None] | None = None,
        dns: Mapping[str, object] | None = None,
        files: Mapping[str, str] | None = None,
        probe: Probe | None = None,
    ) -> Bench:
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text)
        values = BASE | dict(config or {})
        (tmp_path / "main.cf").write_text(
            "".join(f"{name} = {value}\n" for name, value in values.items() if value is not None)
        )
        lines: list[str] = []
        log = MailLog(HandClock(1060506000.0), "gw.example.test", lines.append)
        policy = Policy(Settings.load(tmp_path), log, probe)
        return Bench(policy, World(dns or {}), lines)

    return make
