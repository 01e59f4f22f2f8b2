"""fate: replies and accounts, in one word."""

from __future__ import annotations

import pytest

from harness.fate import outcome_of, verdict_of
from harness.observation import Delivery, Exchange, Phase, SessionSeen
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


def arrived(queue_id: str, *recipients: str) -> Delivery:
    return Delivery(queue_id, "", recipients, b"")


@pytest.mark.parametrize(
    ("deliveries", "accounts", "outcome"),
    [
        ([arrived("A", "u")], ["delivered"], ("delivered once",)),
        ([arrived("A", "u"), arrived("A", "v")], ["delivered", "delivered"], ("delivered once",)),
        ([arrived("A", "u"), arrived("A", "u")], ["delivered"], ("delivered twice",)),
        ([arrived("A", "u"), arrived("A", "u"), arrived("A", "v")], [], ("delivered once", "delivered twice")),
        ([arrived("A", "u")], ["queued"], ("delivered once", "queued")),
        ([arrived("A", "u")], ["delivered", "bounced"], ("delivered once", "bounced")),
        ([], ["bounced"], ("bounced",)),
        ([], ["quarantined"], ("quarantined",)),
        ([], ["delivered"], ("lost",)),
        ([], [], ("lost",)),
    ],
)
def test_where_a_mail_is_in_the_end(deliveries: list[Delivery], accounts: list[str], outcome: tuple[str, ...]) -> None:
    seen = SessionSeen("s", queue_ids=("A",), deliveries=tuple(deliveries), accounts=tuple(("A", a) for a in accounts))
    assert outcome_of(seen) == outcome


def test_a_mail_that_was_not_accepted_has_no_other_end() -> None:
    assert outcome_of(session(("mail", 451))) == ("refused",)
    assert outcome_of(SessionSeen("s", accounts=None)) is None
    both = SessionSeen("s", queue_ids=("A", "B"), accounts=(("A", "bounced"),))
    assert outcome_of(both) == ("bounced", "lost")
