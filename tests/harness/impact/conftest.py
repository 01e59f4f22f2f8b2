"""conftest - two small rule sets, the world they live in, and samples for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fakedns
from harness.corpus.sample import Sample
from harness.impact.fate import Cause, Fate
from harness.impact.world import World

MAIN = {
    "compatibility_level": "3.6", "myhostname": "gw.ok.test", "mydestination": "", "mynetworks": "192.168.1.0/24",
    "relay_domains": "ok.test", "relayhost": "[hop.ok.test]", "smtpd_relay_restrictions": "reject_unauth_destination",
}  # fmt: skip
ZONE = """
hop.ok.test. A 192.0.2.25
ok.test. MX 10 hop.ok.test.
mail.good.test. A 192.0.2.7
7.2.0.192.in-addr.arpa. PTR mail.good.test.
good.test. MX 10 mail.good.test.
66.2.0.192.rbl.test. A 127.0.0.2
"""
MESSAGE = b"From: <a@good.test>\r\nTo: <b@ok.test>\r\nSubject: hi\r\n\r\nhello\r\n"

Rules = Callable[..., Path]


def cause(file: str = "main.cf", line: int = 1, text: str = "permit") -> Cause:
    return Cause(file, line, text)


def fate(verdict: str = "accept", **fields: Any) -> Fate:
    reached = ("b@ok.test",) if verdict == "accept" else ()
    return Fate(verdict, **{"reached": reached, "text": f"{verdict}ed", **fields})


def sample(**fields: Any) -> Sample:
    base: dict[str, Any] = {
        "id": "one", "client": "192.0.2.7", "sender": "a@good.test", "recipients": ("b@ok.test",), "data": MESSAGE
    }  # fmt: skip
    return Sample(**{**base, **fields})


@pytest.fixture
def world() -> World:
    return World(fakedns.parse_zone(ZONE))


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    """rules("old", {...main.cf...}, {file: text}) -> the directory."""

    def write(name: str, extra: dict[str, str] | None = None, files: dict[str, str] | None = None) -> Path:
        directory = tmp_path / name
        directory.mkdir()
        values = MAIN | (extra or {})
        (directory / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in values.items()))
        for file, text in (files or {}).items():
            (directory / file).parent.mkdir(exist_ok=True)
            (directory / file).write_text(text)
        return directory

    return write
