"""examine: whatever the mail and the chains, nobody is forgotten, nothing deleted comes back, nothing moved is lost."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakedns
from harness.clock import HandClock
from harness.gateway.content.examine import Engine
from harness.gateway.content.outcome import Mail, Outcome
from harness.gateway.content.rav_keys import LEGAL
from harness.gateway.resolver import ZoneResolver

MARK = b"VIRUS!"
ENCODED = b"VklSVVMh"  # the same, base64
RECIPIENTS = ("a@ok.test", "b@ok.test", "c@ok.test")

pieces = st.sampled_from(
    [b"--b\n", b"--b--\n", b"--c\n", b"--c--\n", b"\n", b"hello\n", MARK + b"\n", ENCODED + b"\n", b"Content-Type: text/plain\n",
     b"Content-Type: multipart/mixed; boundary=c\n", b"Content-Type: application/x-y; name=a.exe\n", b"Content-Transfer-Encoding: base64\n",
     b"Content-Type: message/rfc822\n", b"Content-Disposition: attachment; filename=a/b.pdf.exe\n", b"Content-Type: multipart/signed; boundary=c\n",
     b"Subject: x\n", b"Content-Transfer-Encoding: quoted-printable\n", b"=56IRUS!\n", b"begin 644 x.exe\n#5DE2\n`\nend\n"]
)  # fmt: skip
mails = (
    st.lists(pieces, max_size=24)
    .map(b"".join)
    .map(lambda body: b"Subject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + body)
)
SETTINGS = ("act_for_infected_files", "act_for_suspicious_files", "act_for_unscannable_files")


def chains(key: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(LEGAL[key]), min_size=1, max_size=3).map(", ".join)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("rav")
    (made / "signatures").mkdir()
    (made / "signatures" / "own.txt").write_text("Test.Virus:any:*:564952555321\nTest.Virus:clean:*:2e2e\n")
    return made


def examined(directory: Path, mail: bytes, chosen: dict[str, str]) -> tuple[Outcome, dict[str, bytes]]:
    groups = "".join(f"@{to[0]}@\nmembers = {to}\nact_for_infected_files = {chosen[to]}\n" for to in RECIPIENTS[:2])
    (directory / "groups").write_text(groups)
    engine = Engine.load(directory, {key: chosen[key] for key in SETTINGS})
    stored: dict[str, bytes] = {}

    def store(name: str, data: bytes) -> bool:
        assert name not in stored
        stored[name] = data
        return True

    resolver = ZoneResolver(fakedns.Zone())
    given_mail = Mail("4F2A1C", "s@x.test", RECIPIENTS, "192.0.2.7", "unknown", mail)
    return asyncio.run(engine.examine(given_mail, store, HandClock(0.0), "gw.ok.test", resolver)), stored


@settings(deadline=None)
@given(
    mails,
    st.fixed_dictionaries({key: chains(key) for key in SETTINGS} | dict.fromkeys(RECIPIENTS[:2], chains(SETTINGS[0]))),
)
def test_invariants(directory: Path, mail: bytes, chosen: dict[str, str]) -> None:
    outcome, stored = examined(directory, mail, chosen)
    ended = (
        [to for recipients, _ in outcome.deliveries for to in recipients]
        + list(outcome.refused)
        + list(outcome.discarded)
    )
    assert sorted(ended) == sorted(RECIPIENTS)
    assert {one.name for one in outcome.quarantined} == set(stored)
    left_on_purpose = re.compile(r"ignore|rename")
    for recipients, data in outcome.deliveries:
        assert b"X-RAV-AntiVirus" in data and b"\n\n" in data
        for to in recipients:
            chain = chosen.get(to, chosen[SETTINGS[0]])
            others = f"{chosen[SETTINGS[1]]} {chosen[SETTINGS[2]]}"
            infected = any(finding.cls == "infected" for finding in outcome.findings)
            if infected and not left_on_purpose.search(f"{chain} {others}"):
                assert MARK not in data, "what was taken out is delivered"
    for one in outcome.quarantined:
        assert one.data in (mail, stored[one.name]) and stored[one.name] == one.data
    for notice in outcome.notices:
        assert b"\nAuto-Submitted: auto-generated\n" in notice.data and notice.sender == ""
