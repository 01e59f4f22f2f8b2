"""Senders and recipients that were probed."""

from __future__ import annotations

import pytest

from harness.gateway.policy.probe import Probed

LIST = "smtpd_recipient_restrictions"
OPEN = "reject_unauth_destination"


class Answers:
    """Probes whose outcome is written down beforehand; the last answer stays."""

    def __init__(self, *answers: Probed | None) -> None:
        self.answers = list(answers)

    async def query(self, address: str) -> Probed | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize(
    ("probed", "text"),
    [
        (Probed("ok"), ""),
        (Probed("bounce", "host said no"), "undeliverable address: host said no"),
        (Probed("defer", "host is away"), "unverified address: host is away"),
        (None, "address verification problem"),
    ],
)
def test_reply_by_outcome(bench, probed, text):
    for element, about in (
        ("reject_unverified_sender", "450 4.1.7 <a@good.test>: Sender address"),
        ("reject_unverified_recipient", "450 4.1.1 <u@ok.test>: Recipient address"),
    ):
        b = bench({LIST: f"{element}, {OPEN}"}, probe=Answers(probed))
        if text.startswith("undeliverable"):  # a 4xx code is a deferral, and says so
            assert b.rcpt() == f"{about} rejected: unverified address: host said no"
        else:
            assert b.rcpt() == (f"{about} rejected: {text}" if text else "")


def test_reject_code_makes_a_bounce_final(bench):
    config = {"unverified_recipient_reject_code": "550", LIST: f"reject_unverified_recipient, {OPEN}"}
    b = bench(config, probe=Answers(Probed("bounce", "host said no")))
    assert b.rcpt() == "550 5.1.1 <u@ok.test>: Recipient address rejected: undeliverable address: host said no"


def test_reason_may_be_replaced(bench):
    config = {"unverified_sender_reject_reason": "cannot be", LIST: f"reject_unverified_sender, {OPEN}"}
    b = bench(config, probe=Answers(Probed("bounce", "host said no")))
    assert b.rcpt().endswith("unverified address: cannot be")


def test_code_250_permits(bench):
    config = {"unverified_sender_defer_code": "250", LIST: f"reject_unverified_sender, {OPEN}"}
    assert bench(config, probe=Answers(Probed("defer", "away"))).rcpt() == ""


def test_probe_in_progress_is_asked_about_only_so_often(bench):
    config = {LIST: f"reject_unverified_recipient, {OPEN}", "address_verify_poll_count": "1"}
    answers = Answers(Probed("todo", "Address verification in progress"), Probed("ok"))
    b = bench(config, probe=answers)
    assert b.rcpt().endswith("unverified address: Address verification in progress")
    assert b.rcpt() == ""


def test_without_probes_every_address_is_still_being_asked_about(bench):
    b = bench({LIST: f"reject_unverified_recipient, {OPEN}"})
    assert b.rcpt().endswith("unverified address: Address verification in progress")
    b = bench({LIST: "reject_unverified_recipient, reject"})
    assert b.rcpt().startswith("554 5.7.1")
    b = bench({LIST: "reject_unverified_recipient, reject", "unverified_recipient_tempfail_action": "defer"})
    assert b.rcpt().startswith("450 4.1.1")
