"""walk: what a gateway that lives long remembers of one session changes nothing about the next one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

import fakedns
from harness.clock import HandClock
from harness.gateway.direct import DirectGateway
from harness.gateway.dns import Answer
from harness.gateway.maillog import MailLog
from harness.gateway.resolver import ZoneResolver
from harness.gateway.session import Client
from harness.gateway.settings import Settings
from harness.target import TRUSTED

ZONE = """
mail.good.test. A 192.0.2.7
7.2.0.192.in-addr.arpa. PTR mail.good.test.
good.test. MX 10 mail.good.test.
ok.test. MX 10 mail.good.test.
7.2.0.192.rbl.test. A 127.0.0.2
good.test.rbl.test. A 127.0.0.2
"""
MAIN = {
    "compatibility_level": "3.6", "myhostname": "gw.ok.test", "mydestination": "", "relay_domains": "ok.test",
    "mynetworks": "192.168.1.0/24", "smtpd_relay_restrictions": "reject_unauth_destination",
    "smtpd_error_sleep_time": "0", "smtpd_hard_error_limit": "99",
}  # fmt: skip
LISTS = (
    {"smtpd_recipient_restrictions": "check_client_access inline:{{192.0.2=DUNNO, 192.0.2.9=554 no, mail.good.test=OK}}, "
     "check_helo_access regexp:{{/^x/ REJECT you}}, check_sender_access regexp:{{/^(u).*@/ 550 5.7.1 not $1}}, "
     "check_recipient_access inline:{{b@ok.test=WARN seen, c@=HOLD it, d@ok.test=nonsense}}, reject_rbl_client rbl.test"},
    {"smtpd_client_restrictions": "permit_inet_interfaces, check_client_access cidr:{{192.0.2.0/24 bad words}}, "
     "check_reverse_client_hostname_access inline:{{mail.good.test=OK}}, reject_unknown_client_hostname",
     "smtpd_sender_restrictions": "reject_unknown_sender_domain, reject_non_fqdn_sender, reject_rhsbl_sender rbl.test"},
    {"smtpd_recipient_restrictions": "check_sender_access fail:now, check_client_access inline:{{192.0.2.8=}}, permit",
     "smtpd_delay_reject": "no", "smtpd_helo_restrictions": "warn_if_reject reject_non_fqdn_helo_hostname"},
    {"smtpd_recipient_restrictions": "permit_mynetworks, check_sender_access inline:{{good.test=PREPEND X-A: b}}, "
     "check_recipient_access randmap:{DUNNO, REJECT, OK}", "mynetworks": "inline:{{192.0.2.7=yes}}",
     "smtpd_log_access_permit_actions": "static:all"},
)  # fmt: skip


def sessions() -> Iterator[tuple[str, list[str]]]:
    """(the client that XCLIENT names, "" for none; commands)."""
    for client in ("", "192.0.2.7 NAME=mail.good.test", "192.0.2.9 NAME=[UNAVAILABLE]", "192.0.2.8 NAME=[TEMPUNAVAIL]"):
        for helo in ("x.test", "mail.good.test", "nodots"):
            for sender in ("a@good.test", "u@good.test", "a@no.test", "", "a b"):
                quoted = f'"{sender}"@good.test' if " " in sender else sender
                rcpts = [f"RCPT TO:<{name}@{domain}>" for domain in ("ok.test", "no.test") for name in "bcde"]
                yield client, [f"EHLO {helo}", f"MAIL FROM:<{quoted}>", *rcpts, "QUIT"]


class World:
    """A DNS that changes."""

    inner: ZoneResolver

    async def lookup(self, name: str, rtype: str) -> Answer:
        return await self.inner.lookup(name, rtype)


def played(gateway: DirectGateway, client: str, commands: list[str]) -> tuple[list[bytes], list[object]]:
    session = gateway.open(Client("127.0.0.1" if client else "192.0.2.7", "1000"), named=False)
    lines = [f"XCLIENT ADDR={client}"] * bool(client) + commands
    said = [session.greet(), *(session.receive(f"{line}\r\n".encode()) for line in lines)]
    session.close()
    return said, [(one.element, one.said, one.decided) for one in session.session.trace]


@pytest.mark.parametrize("lists", LISTS)
def test_what_is_remembered_changes_neither_answers_nor_traces_nor_the_log(
    tmp_path: Path, lists: dict[str, str]
) -> None:
    (tmp_path / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in (MAIN | lists).items()))
    logs: tuple[list[str], list[str]] = [], []
    made = []
    for log in logs:
        settings = Settings.load(tmp_path, TRUSTED)
        made.append(DirectGateway(settings, None, World(), MailLog(HandClock(5.0), "gw.ok.test", log.append)))
    plain, remembering = made
    remembering.services = dataclasses.replace(remembering.services, remembers=True)
    for zone in (ZONE, ZONE, "mail.good.test. A 192.0.2.7\n7.2.0.192.in-addr.arpa. PTR mail.good.test.\n"):
        for one in made:
            assert isinstance(one.resolver, World)
            one.resolver.inner = ZoneResolver(fakedns.parse_zone(zone), strict=False)  # what DNS says is asked anew
        for client, commands in sessions():
            assert played(plain, client, commands) == played(remembering, client, commands)
            assert logs[0] == logs[1]
            logs[0].clear()
            logs[1].clear()
    elements = [one for some in remembering.services.policy.elements().values() for one in some]
    assert any(one.lasting for one in elements), "and something is remembered"
