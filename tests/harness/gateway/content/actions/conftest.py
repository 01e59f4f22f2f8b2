"""conftest - one action at a time, upon a mail of two parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.finding import Finding
from harness.gateway.content.group import Antispam
from harness.gateway.content.quarantine import Shelf
from harness.gateway.content.rewrite import Draft
from harness.gateway.content.signature_store import load_signatures
from harness.gateway.content.unpack import unpack
from harness.gateway.rule import default_rule

MAIL = b"""From: a@good.test
Subject: hi
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b

hello
--b
Content-Type: application/msword; name="a.doc"
Content-Disposition: attachment; filename="a.doc"

before VIRUS! after
--b--
"""
SIGNATURES = "Test.Macro:any:*:564952555321\nTest.Macro:clean:*:636c65616e21\nTest.Other:any:*:4f5448455221\n"


@dataclass
class Bench:
    """What one action did."""

    result: Result
    said: str
    state: State
    stored: dict[str, bytes] = field(default_factory=dict)

    @property
    def rendered(self) -> bytes:
        """The mail as it would go on."""
        return self.state.draft.render()


Perform = Callable[..., Bench]


@pytest.fixture
def perform(tmp_path: Path) -> Perform:
    """perform("delete", data=..., path=..., works=True, antispam=..., entity=...) -> Bench."""

    def run(
        name: str,
        data: bytes = MAIL,
        path: str = "part0002:a.doc",
        virus: str = "Test.Macro",
        works: bool = True,
        antispam: Antispam | None = None,
        entity: int | None = None,
    ) -> Bench:
        (tmp_path / "own.txt").write_text(SIGNATURES)
        stored: dict[str, bytes] = {}

        def store(key: str, content: bytes) -> bool:
            if works:
                stored[key] = content
            return works

        unpacked = unpack(data, Budget(Limits(), lambda: 0.0))
        if entity is None:
            entity = next((part.entity for part in unpacked.parts if part.path == path), 0)
        state = State(
            Draft(data, unpacked, "q"), Shelf("Q", 0.0, store), load_signatures(tmp_path, "rav/signatures"),
            lambda finding: f"taken out: {finding.name}", antispam, lambda event, finding: f"<{event}>",
        )  # fmt: skip
        finding = Finding("infected", virus, path, default_rule("x"), entity)
        result = actions[name](state, finding, default_rule("chain"))
        return Bench(result, state.said, state, stored)

    return run


@pytest.fixture
def mail() -> bytes:
    """A mail of a text and a document that holds Test.Macro."""
    return MAIL


@pytest.fixture
def signed(mail: bytes) -> bytes:
    """The same, signed."""
    return mail.replace(b"multipart/mixed", b'multipart/signed; protocol="application/pgp-signature"')
