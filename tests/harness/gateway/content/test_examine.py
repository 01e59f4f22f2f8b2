"""examine: the whole engine, from a mail to what becomes of it and who is told."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clock import HandClock
from harness.corpus.build import build
from harness.gateway.content.examine import Engine
from harness.gateway.content.outcome import Mail, Outcome
from harness.scenario import Message, Part, Send

Examine = Callable[..., Outcome]
EICAR = Part(attach="eicar.com", payload="eicar")


def mail_of(*parts: Part, **message: object) -> bytes:
    send = Send(sender="a@good.test", to=["u@ok.test"], message=Message(parts=list(parts), **message))  # type: ignore[arg-type]
    return build(send, "test", 1, 1060506000.0, lambda name: b"").replace(b"\r\n", b"\n")


def attachments(data: bytes) -> dict[str, bytes]:
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return {part.get_filename() or "": part.get_payload(decode=True) or b"" for part in parsed.iter_attachments()}  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrap",
    [[], ["zip"], ["zip", "zip"], ["gzip"], ["tar"], ["tar", "gzip"], ["bzip2"], ["xz"], ["message"], ["zip", "message"],
     ["message", "zip"], ["tar", "xz"], ["zip"] * 6],
    ids=lambda wrap: "-".join(wrap) or "bare",
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_eicar_is_found_in_every_wrapping(examine: Examine, wrap: list[str], encoding: str) -> None:
    part = Part(attach="eicar.com", payload="eicar", wrap=wrap, encoding=encoding)  # type: ignore[arg-type]
    outcome = examine(mail_of(Part(text="see there"), part))
    assert [f.name for f in outcome.findings if f.cls == "infected"][:1] == ["Eicar-Test"]
    ((_, delivered),) = outcome.deliveries
    assert "warn.txt" in attachments(delivered)


def test_uuencoded_eicar_in_a_text_is_found(examine: Examine) -> None:
    import binascii

    from harness.corpus.payload import eicar

    data = eicar()
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    text = b"Subject: x\n\nhello\nbegin 644 e.com\n" + lines + b"`\nend\n"
    assert any(f.name == "Eicar-Test" for f in examine(text).findings)


@pytest.mark.parametrize("size", [0, 10, 68, 500, 5000])
def test_warn_txt_is_as_large_as_what_it_stands_for(examine: Examine, size: int) -> None:
    outcome = examine(
        mail_of(Part(text="x"), Part(attach="a.doc.exe", data="y" * size)), {"act_for_suspicious_files": "delete"}
    )
    ((_, delivered),) = outcome.deliveries
    assert len(attachments(delivered)["warn.txt"]) == size


# The worked chains: what each list of actions makes of the test file.
@pytest.mark.parametrize(
    ("chain", "delivered", "kept", "refused"),
    [
        ("clean, delete, discard", "warn.txt", 0, False),
        ("clean", None, 0, True),
        ("copy", None, 1, True),
        ("copy, ignore", "eicar.com", 1, False),
        ("move, delete", "warn.txt", 1, False),
        ("rename, reject", "eicar.com.vir", 0, False),
        ("ignore", "eicar.com", 0, False),
        ("reject", None, 0, True),
        ("discard", None, 0, False),
    ],
)
def test_chains(
    examine: Examine, stored: dict[str, bytes], chain: str, delivered: str | None, kept: int, refused: bool
) -> None:
    outcome = examine(mail_of(Part(text="x"), EICAR), {"act_for_infected_files": chain})
    assert len(stored) == len(outcome.quarantined) == kept
    assert bool(outcome.refused) is refused
    assert bool(outcome.discarded) is (chain == "discard")
    if delivered is None:
        assert not outcome.deliveries
    else:
        assert delivered in attachments(outcome.deliveries[0][1])


def test_a_full_disk_hands_on_to_the_next_action(examine: Examine) -> None:
    outcome = examine(mail_of(Part(text="x"), EICAR), {"act_for_infected_files": "move, delete"}, full=True)
    assert not outcome.quarantined and "warn.txt" in attachments(outcome.deliveries[0][1])
    assert [asked.element for asked in outcome.trace if asked.place == "act_for_infected_files"] == ["move", "delete"]


def test_an_action_of_a_file_that_is_signed_fails(examine: Examine) -> None:
    signed = mail_of(
        EICAR,
        Part(attach="s.asc", data="sig", encoding="7bit"),
        multipart='signed; protocol="application/pgp-signature"',
    )
    outcome = examine(signed, {"act_for_infected_files": "clean, delete, discard"})
    assert outcome.discarded and not outcome.deliveries


def test_a_known_recipe_cleans(examine: Examine) -> None:
    files = {"signatures/own.txt": "Test.Macro:any:*:564952555321\nTest.Macro:clean:*:636c65616e21\n"}
    outcome = examine(
        mail_of(Part(text="x"), Part(attach="a.doc", data="before VIRUS! after")),
        {"act_for_infected_files": "clean"},
        files=files,
    )
    assert attachments(outcome.deliveries[0][1])["a.doc"] == b"before clean! after"


def test_who_is_told(examine: Examine) -> None:
    outcome = examine(mail_of(Part(text="x"), EICAR), {"warn_sender": "yes"}, recipients=("u@ok.test", "v@ok.test"))
    assert sorted((n.party, n.to) for n in outcome.notices) == [
        ("administrator", "postmaster@gw.ok.test"), ("receiver", "u@ok.test"), ("receiver", "v@ok.test"), ("sender", "a@good.test"),
    ]  # fmt: skip
    for notice in outcome.notices:
        parsed = email.message_from_bytes(notice.data)
        assert parsed["Auto-Submitted"] == "auto-generated" and notice.sender == ""
        assert "Eicar-Test" in parsed["Subject"]


@pytest.mark.parametrize(
    "header", [{"List-Id": "<l.test>"}, {"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}], ids=str
)
def test_robots_and_lists_are_not_told(examine: Examine, header: dict[str, str]) -> None:
    outcome = examine(mail_of(Part(text="x"), EICAR, headers=header), {"warn_sender": "yes"})
    assert "sender" not in [notice.party for notice in outcome.notices]


def test_the_null_sender_is_not_told(examine: Examine) -> None:
    outcome = examine(mail_of(Part(text="x"), EICAR), {"warn_sender": "yes"}, sender="")
    assert "sender" not in [notice.party for notice in outcome.notices]


def test_the_paper_s_template_speaks_its_variables(examine: Examine) -> None:
    template = 'infected_m_english = "\nThe file ATTACH_NAME (with subject: SUBJECT) sent by FROM_USER to TO_USER (S) has VIRUS_NAME."\n'
    outcome = examine(mail_of(Part(text="x"), EICAR, subject="TO_USER"), files={"languages/english": template})
    text = outcome.notices[0].data.decode()
    assert (
        "The file (part0002:eicar.com) (with subject: TO_USER) sent by a@good.test to u@ok.test has Eicar-Test." in text
    )


def test_black_lists_refuse_and_white_lists_win(examine: Examine) -> None:
    assert examine(b"Subject: x\n\n", {"wbl_reject": "good.test"}).refused
    assert not examine(b"Subject: x\n\n", {"wbl_reject": "good.test", "wbl_accept": "192.0.2.7"}).refused


def test_blocklists_refuse_those_they_list(examine: Examine) -> None:
    assert examine(b"Subject: x\n\n", {"rbl_site": "rbl.test"}).refused == {
        "u@ok.test": ("5.7.1", "Service unavailable; client [192.0.2.7] blocked using rbl.test")
    }
    assert not examine(b"Subject: x\n\n", {"rbl_site": "rbl.test"}, client="192.0.2.8").refused
    assert not examine(b"Subject: x\n\n", {"rbl_site": "rbl.test=127.0.0.9"}).refused


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({"global": "filter_subject = lottery\n"}, "refused"),
        ({"global": "filter_subject = lottery -> discard\n"}, "discarded"),
        ({"global": "filter_attachment = \\.xyz$\n"}, "refused"),
        ({"global": "filter_content = win a prize\n"}, "refused"),
        ({"global": "filter_subject = nothing\n"}, "deliveries"),
    ],
)
def test_content_filters(examine: Examine, files: dict[str, str], outcome: str) -> None:
    data = mail_of(Part(text="you win a prize"), Part(attach="a.xyz", data="1"), subject="the lottery")
    assert getattr(examine(data, files=files), outcome)


def test_bulk_mail_is_marked_wrapped_and_forwarded_as_the_section_says(examine: Examine) -> None:
    files = {
        "antispam": "@mine@\naccuracy_low\nactions = add_subject, embed, forward, deliver\nextra_subject = [SPAM]\nforward_to = spam@ok.test\n"
    }
    data = mail_of(
        Part(text="x"), Part(attach="g.txt", type="text/plain", payload="gtube", disposition="none"), subject="hi"
    )
    outcome = examine(data, {"antispam_configuration": "mine"}, files=files)
    parsed = email.message_from_bytes(outcome.deliveries[0][1])
    assert parsed["Subject"] == "[SPAM] hi"
    assert parsed.get_payload()[1].get_content_type() == "message/rfc822"
    assert [n.to for n in outcome.notices if n.kind == "forward"] == ["spam@ok.test"]


def test_clean_mail_only_gets_its_stamp_and_once(examine: Examine) -> None:
    data = mail_of(Part(text="hello"))
    ((_, first),) = examine(data).deliveries
    assert first == data.replace(
        b"\n\n", b"\nX-RAV-AntiVirus: This e-mail has been scanned for viruses on host: gw.ok.test\n\n", 1
    )
    assert examine(first).deliveries[0][1] == first
    assert examine(data, {"stamp": "no"}).deliveries[0][1] == data


def test_limits_are_findings_and_memory_stays_bounded(examine: Examine) -> None:
    bomb = Part(attach="zeros.bin", payload="zeros:3000000", wrap=["zip"])
    outcome = examine(mail_of(Part(text="x"), bomb), {"max_ratio": "50"})
    assert [f.name for f in outcome.findings if f.cls == "unscannable"] == ["Limits.Ratio"]
    deep = Part(attach="a.txt", data="x", wrap=["zip"] * 5)
    names = [f.name for f in examine(mail_of(Part(text="x"), deep), {"max_depth": "3"}).findings]
    assert "Limits.Depth" in names


def test_without_a_directory_nothing_is_examined(tmp_path: Path) -> None:
    assert not Engine.load(tmp_path / "rav").active


@given(st.binary(max_size=300))
def test_any_bytes_have_an_outcome_and_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    import asyncio

    import fakedns
    from harness.gateway.resolver import ZoneResolver

    directory = tmp_path_factory.getbasetemp() / "rav-any"
    directory.mkdir(exist_ok=True)
    engine = Engine.load(directory)
    mail = Mail(
        "Q",
        "a@b",
        ("u@ok.test",),
        "192.0.2.7",
        "unknown",
        b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + data,
    )
    outcome = asyncio.run(engine.examine(mail, lambda n, d: True, HandClock(0.0), "gw", ZoneResolver(fakedns.Zone())))
    told = (
        [r for recipients, _ in outcome.deliveries for r in recipients]
        + list(outcome.refused)
        + list(outcome.discarded)
    )
    assert told == ["u@ok.test"]
