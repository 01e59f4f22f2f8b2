"""notify: who is told what, who is not and why."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest

from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.finding import Finding
from harness.gateway.content.ledger import Ledger
from harness.gateway.content.notify import Done, Told, notices, once, robot
from harness.gateway.content.outcome import Mail, Notice
from harness.gateway.content.rav import load_rav
from harness.gateway.content.unpack import unpack
from harness.gateway.rule import default_rule
from harness.gateway.session import Asked

DATA = b"From: a@good.test\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\nBcc: v@ok.test\n\nhello\n"
EICAR = Finding("infected", "Eicar-Test", "part0002:a.zip/eicar.com", default_rule("signature Eicar-Test"), 2)
DONE = Done("delete", "delete: warn.txt of 68 bytes", "")


def told(tmp_path: Path, data: bytes = DATA, sender: str = "a@good.test", rav: dict[str, str] | None = None,
         finding: Finding = EICAR, done: Done = DONE, learns: str = "", ledger: Ledger | None = None, now: float = 1060506000.0) -> tuple[list[Notice], list[Asked]]:  # fmt: skip
    loaded = load_rav(tmp_path, {"warn_sender": "yes", **(rav or {})})
    mail = Mail("4F2A1C", sender, ("u@ok.test", "v@ok.test"), "192.0.2.7", "mail.good.test", data)
    root = unpack(data, Budget(Limits(), lambda: 0.0)).root
    return notices(
        Told(mail, root, "gw.ok.test", now, loaded.languages, ledger or Ledger(), loaded.notices_per_hour),
        loaded.groups[-1],
        ("u@ok.test",),
        finding,
        done,
        learns,
    )


def test_three_parties_are_told_each_in_a_mail_with_manners(tmp_path: Path) -> None:
    written, trace = told(tmp_path)
    assert [(n.party, n.to, n.kind) for n in written] == [
        ("sender", "a@good.test", "infected"), ("receiver", "u@ok.test", "infected"), ("administrator", "postmaster@gw.ok.test", "infected"),
    ]  # fmt: skip
    assert [one.said for one in trace] == ["told of Eicar-Test (infected)"] * 3
    ids = set()
    for notice in written:
        assert notice.sender == ""
        parsed = email.message_from_bytes(notice.data, policy=email.policy.default)
        assert (
            parsed["Auto-Submitted"] == "auto-generated"
            and parsed["Precedence"] == "bulk"
            and parsed["To"] == notice.to
        )
        assert "Eicar-Test" in parsed["Subject"] and not parsed.defects
        text = parsed.get_content()  # type: ignore[attr-defined]
        assert "(part0002:a.zip/eicar.com)" in text and "grüße" in text and "delete: warn.txt of 68 bytes" in text
        assert max(map(len, notice.data.split(b"\n"))) <= 998
        ids.add(parsed["Message-Id"])
    assert len(ids) == 3


def test_a_receiver_does_not_learn_who_else_had_the_mail(tmp_path: Path) -> None:
    by_party = {n.party: n.data.decode() for n in told(tmp_path)[0]}
    body = by_party["receiver"].partition("The header of the mail")[0]
    assert "v@ok.test" not in body and "u@ok.test, v@ok.test" in by_party["sender"]
    assert "u@ok.test, v@ok.test" in by_party["administrator"]


@pytest.mark.parametrize(
    ("action", "cls", "kind"),
    [
        ("clean", "infected", "cleaned"),
        ("rename", "suspicious", "renamed"),
        ("delete", "unscannable", "unscannable"),
        ("reject", "filter", "filtered"),
    ],
)
def test_the_event_is_what_was_done_or_what_was_found(tmp_path: Path, action: str, cls: str, kind: str) -> None:
    finding = Finding(cls, "X", "p", default_rule("r"), filtered="content" if cls == "filter" else "")  # type: ignore[arg-type]
    assert {n.kind for n in told(tmp_path, finding=finding, done=Done(action, action, ""))[0]} == {kind}


@pytest.mark.parametrize(
    ("rav", "parties"),
    [({"warn_sender": "no"}, ["receiver", "administrator"]), ({"warn_receiver": "no"}, ["sender", "administrator"]),
     ({"warn_administrator": "no"}, ["sender", "receiver"]), ({"warn_sender": "no", "warn_receiver": "no", "warn_administrator": "no"}, [])],
    ids=str,
)  # fmt: skip
def test_who_is_told_is_configured(tmp_path: Path, rav: dict[str, str], parties: list[str]) -> None:
    written, trace = told(tmp_path, rav=rav)
    assert [n.party for n in written] == parties and [one.place for one in trace] == [f"warn_{p}" for p in parties]


@pytest.mark.parametrize(
    ("data", "sender", "why"),
    [
        (DATA, "", "null sender"),
        (b"List-Id: <l>\n" + DATA, "a@b", "mailing list"),
        (b"Auto-Submitted: auto-replied; x=y\n" + DATA, "a@b", "Auto-Submitted"),
        (b"Precedence: junk\n" + DATA, "a@b", "Precedence"),
        (DATA, "MAILER-DAEMON@good.test", "program or a list"),
        (DATA, "owner-list@good.test", "program or a list"),
        (DATA, "list-request@good.test", "program or a list"),
        (b"Auto-Submitted: no\n" + DATA, "a@b", ""),
        (b"Precedence: first-class\n" + DATA, "a@b", ""),
    ],
)
def test_no_robot_is_told_and_the_trace_says_why(tmp_path: Path, data: bytes, sender: str, why: str) -> None:
    written, trace = told(tmp_path, data, sender)
    assert ("sender" in [n.party for n in written]) is (not why)
    assert why in trace[0].said and trace[0].place == "warn_sender" and trace[0].element == (sender or "<>")
    assert "receiver" in [n.party for n in written]
    root = unpack(data, Budget(Limits(), lambda: 0.0)).root
    assert bool(robot(Mail("Q", sender, (), "", "", data), root)) is bool(why)


def test_a_forged_sender_is_not_told(tmp_path: Path) -> None:
    klez = Finding("infected", "Klez", "p", default_rule("r"), forges_sender=True)
    written, trace = told(tmp_path, finding=klez)
    assert [n.party for n in written] == ["receiver", "administrator"] and "forges its sender" in trace[0].said


@pytest.mark.parametrize(
    ("ended", "learns", "parties"),
    [
        ("reject", "a bounce tells it", ["administrator"]),
        ("reject", "", ["sender", "administrator"]),
        ("discard", "", ["administrator"]),
    ],
)
def test_what_is_not_delivered_is_told_to_few(tmp_path: Path, ended: str, learns: str, parties: list[str]) -> None:
    written, _ = told(tmp_path, done=Done(ended, ended, "", ended), learns=learns)
    assert [n.party for n in written] == parties
    assert all(b"The mail was not delivered." in n.data for n in written)


def test_the_quarantine_name_and_the_template_of_the_group_s_language(tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "german").write_text('infected_m_german = "Virus VIRUS_NAME in ATTACH_NAME"\n')
    written, _ = told(tmp_path, rav={"language": "german"}, done=Done("move", "move", "106-RAV4F2A1C-1"))
    assert all(
        b"Virus Eicar-Test in (part0002:a.zip/eicar.com)\n" in n.data and b"106-RAV4F2A1C-1" in n.data for n in written
    )


def test_a_name_of_foreign_letters_is_an_encoded_word(tmp_path: Path) -> None:
    written, _ = told(tmp_path, finding=Finding("infected", "Wurm-Grüße-" + "ß" * 60, "p", default_rule("r")))
    head = written[0].data.partition(b"\n\n")[0]
    assert head.isascii()
    assert "Wurm-Grüße-" + "ß" * 60 in email.message_from_bytes(written[0].data, policy=email.policy.default)["Subject"]


def test_nobody_is_told_twice() -> None:
    one, two = Notice("infected", "", "a@b", b"1", "receiver"), Notice("suspicious", "", "a@b", b"2", "receiver")
    other = Notice("infected", "", "a@b", b"3", "administrator")
    assert once([one, two, other]) == [one, other]


def test_a_flood_of_one_virus_is_no_flood_of_notices(tmp_path: Path) -> None:
    ledger, rav = Ledger(), {"notices_per_hour": "1"}
    assert len(told(tmp_path, rav=rav, ledger=ledger)[0]) == 3
    written, trace = told(tmp_path, rav=rav, ledger=ledger)
    assert not written
    assert {one.said for one in trace} == {"not told of Eicar-Test: 1 an hour are enough (notices_per_hour)"}
    other = Finding("infected", "Other", "part0002:x", default_rule("x"), 2)
    assert len(told(tmp_path, rav=rav, ledger=ledger, finding=other)[0]) == 3
    later, _ = told(tmp_path, rav=rav, ledger=ledger, now=1060506000.0 + 3600)
    assert len(later) == 3 and all(b"1 more mails with it came" in notice.data for notice in later)
