"""conftest - sessions that were seen, made by hand, for whatever judges or prints them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.gateway.rule import Rule
from harness.observation import AskedRule, Exchange, Observation, Phase, SessionSeen
from harness.smtp.reply import reply

RULE = Rule("main.cf", 12, "reject_rbl_client rbl.test")


def exchange(phase: Phase, code: int, status: str = "", text: str = "Ok", sent: bytes = b"x\r\n") -> Exchange:
    return Exchange(phase, sent, reply(code, status, text) if code else None)


@pytest.fixture
def seen() -> Callable[..., SessionSeen]:
    """seen(rcpt=554, ...) -> a session with one exchange per phase; other fields by name."""

    def make(exchanges: tuple[Exchange, ...] | None = None, **fields: Any) -> SessionSeen:
        if exchanges is None:
            exchanges = (
                exchange("connect", 220, sent=b""),
                exchange("mail", 250, "2.1.0"),
                exchange("rcpt", 554, "5.7.1", "Service unavailable; blocked using rbl.test"),
            )
        asked = AskedRule("rcpt", "smtpd_recipient_restrictions", "reject_rbl_client rbl.test", RULE, "554 ...", True)
        base = SessionSeen(
            "one", exchanges, trace=(asked,), rule=asked, verdict="reject", deliveries=(), duration_ms=12.0
        )
        return replace(base, **fields)

    return make


@pytest.fixture
def whole() -> Observation:
    """A run of one scenario without any session."""
    return Observation("policy/x", (), "reference", (), extra={"file": "scenarios/policy/x.yaml"})
