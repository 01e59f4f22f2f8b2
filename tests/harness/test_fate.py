"""fate: replies and accounts, in one word."""

from __future__ import annotations

import pytest

from harness.fate import verdict_of
from harness.observation import Exchange, Phase, SessionSeen
from harness.smtp.reply import reply


def session(
    *phases: tuple[Phase, int], accounts: tuple[tuple[str, str], ...] = (), closed: bool = False
) -> SessionSeen:
    exchanges = tuple(Exchange(phase, b"x", reply(code, "") if code else None) for phase, code in phases)
    return SessionSeen("s", exchanges, accounts=accounts, closed=closed)


OK: tuple[tuple[Phase, int], ...] = (("mail", 250), ("rcpt", 250), ("data", 354), ("end_of_data", 250))


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (session(*OK), "accept"),
        (session(*OK, accounts=(("A", "delivered"),)), "accept"),
        (session(*OK, accounts=(("A", "delivered"), ("A", "quarantined"))), "quarantine"),
        (session(*OK, accounts=(("A", "bounced"),)), "bounce"),
        (session(*OK, accounts=(("A", "held"),)), "hold"),
        (session(*OK, accounts=(("A", "discarded"),)), "discard"),
        (session(*OK, accounts=(("A", "delivered"), ("A", "redirected"))), "redirect"),
        (session(("mail", 250), ("rcpt", 554)), "reject"),
        (session(("mail", 250), ("rcpt", 450)), "defer"),
        (session(("mail", 250), ("rcpt", 450), ("rcpt", 550)), "reject"),
        (session(("mail", 250), ("rcpt", 450), ("data", 554)), "reject"),
        (session(("helo", 0), closed=True), "disconnect"),
        (session(("connect", 220), ("other", 221), closed=True), "disconnect"),
        (session(("connect", 220), ("quit", 221), closed=True), "none"),
        (session(("connect", 220), ("mail", 250), ("rcpt", 250), ("quit", 221)), "none"),
        (session(), "none"),
    ],
)
def test_one_word(seen: SessionSeen, verdict: str) -> None:
    assert verdict_of(seen) == verdict
