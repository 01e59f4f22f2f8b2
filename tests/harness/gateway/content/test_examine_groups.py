"""examine: recipients of several groups, readings that overlap, what is left over, forged senders, the bulk trace."""

from __future__ import annotations

import email
from collections.abc import Callable
from typing import Any

import pytest

from harness.corpus.build import build
from harness.gateway.content.outcome import Outcome
from harness.scenario import Message, Part, Send

Examine = Callable[..., Outcome]
EICAR = Part(attach="eicar.com", payload="eicar")
VIRUS = {
    "signatures/own.txt": "Test.Macro:any:*:564952555321\nTest.Forger:any:*:464f5247455221\nTest.Forger:flag:*:forges_sender\n"
}


def mail_of(*parts: Part, **message: Any) -> bytes:
    send = Send(sender="a@good.test", to=["u@ok.test"], message=Message(parts=list(parts), **message))
    return build(send, "test", 1, 1060506000.0, lambda name: b"").replace(b"\r\n", b"\n")


def said(outcome: Outcome, place: str) -> list[str]:
    return [f"{one.element}: {one.said}" for one in outcome.trace if one.place == place]


def test_each_recipient_gets_what_the_chain_of_its_group_makes(examine: Examine) -> None:
    groups = "act_for_infected_files = ignore\n@strict@\nmembers = a@ok.test\nact_for_infected_files = reject\n@quiet@\nmembers = b@ok.test\nact_for_infected_files = discard\n@tidy@\nmembers = c@ok.test\nact_for_infected_files = move\n"
    outcome = examine(mail_of(Part(text="x"), EICAR), {"act_for_suspicious_files": "ignore"}, files={"groups": groups},
                      recipients=("u@ok.test", "a@ok.test", "b@ok.test", "c@ok.test"))  # fmt: skip
    assert list(outcome.refused) == ["a@ok.test"] and outcome.discarded == ("b@ok.test",)
    by_recipient = {to: data for recipients, data in outcome.deliveries for to in recipients}
    assert b"warn.txt" in by_recipient["c@ok.test"] and b"eicar.com" in by_recipient["u@ok.test"]
    assert len(outcome.log) >= 4 and {"group=strict", "group=quiet", "group=tidy", "group=global"} <= set(
        " ".join(outcome.log).split()
    )


def test_two_groups_store_under_names_of_their_own_and_the_same_thing_once(
    examine: Examine, stored: dict[str, bytes]
) -> None:
    groups = "act_for_infected_files = move\n@a@\nmembers = a@ok.test\nact_for_infected_files = copy, ignore\n"
    first = Part(attach="one.com", payload="eicar")
    data = mail_of(Part(text="x"), first, Part(attach="b.doc", data="VIRUS!"))
    outcome = examine(data, files={"groups": groups, **VIRUS}, recipients=("a@ok.test", "u@ok.test"))
    assert len(stored) == len(outcome.quarantined) == 2 and b"VIRUS!" in stored.values()


def test_a_group_s_lists_count_for_its_recipients_only(examine: Examine) -> None:
    groups = "@a@\nmembers = a@ok.test\nwbl_reject = 192.0.2.1/24\n@b@\nmembers = b@ok.test\nrbl_site = rbl.test\n@c@\nmembers = c@ok.test\nrbl_site = rbl.test\nwbl_accept = 192.0.2.7\n"
    outcome = examine(
        mail_of(Part(text="x")),
        files={"groups": groups},
        recipients=("a@ok.test", "b@ok.test", "c@ok.test", "d@ok.test"),
    )
    assert set(outcome.refused) == {"a@ok.test", "b@ok.test"}
    assert [to for recipients, _ in outcome.deliveries for to in recipients] == ["c@ok.test", "d@ok.test"]


def test_heuristics_banned_extensions_and_the_stamp_hold_by_group(examine: Examine) -> None:
    groups = (
        "@a@\nmembers = a@ok.test\nheuristics = no\nstamp = no\n@b@\nmembers = b@ok.test\nbanned_extensions = xyz\n"
    )
    data = mail_of(Part(text="x"), Part(attach="a.exe", data="1"), Part(attach="a.xyz", data="1"))
    outcome = examine(
        data,
        {"act_for_suspicious_files": "delete"},
        files={"groups": groups},
        recipients=("a@ok.test", "b@ok.test", "c@ok.test"),
    )
    by_recipient = {to: sent for recipients, sent in outcome.deliveries for to in recipients}
    assert by_recipient["a@ok.test"] == data
    assert b"a.exe" in by_recipient["b@ok.test"] and b"a.xyz" not in by_recipient["b@ok.test"]
    assert b"a.exe" not in by_recipient["c@ok.test"] and b"a.xyz" in by_recipient["c@ok.test"]
    assert b"X-RAV-AntiVirus" in by_recipient["c@ok.test"]


AMBIGUOUS = b"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=top

--top

hello
--top
Content-Type: multipart/mixed; boundary=one
Content-Type: multipart/mixed; boundary=two

--one
Content-Type: application/msword; name=x.doc

VIRUS! in reading one
--two
Content-Type: application/msword; name=y.doc

VIRUS! in reading two
--one--
--two--
--top--
"""


@pytest.mark.parametrize("infected", ["delete", "move", "clean, delete", "rename"])
@pytest.mark.parametrize("suspicious", ["delete", "move", "rename, ignore", "ignore"])
def test_readings_that_overlap_never_raise_and_never_deliver_what_was_deleted(
    examine: Examine, infected: str, suspicious: str
) -> None:
    rav = {"act_for_infected_files": infected, "act_for_suspicious_files": suspicious}
    outcome = examine(AMBIGUOUS, rav, files=VIRUS)
    for _, data in outcome.deliveries:
        assert b"hello" in data
        if infected != "rename":
            assert b"VIRUS!" not in data


def test_what_is_still_there_after_the_changes_is_not_delivered(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that leaves the virus where it was, for whatever reason, ends in a rejection."""
    from harness.gateway.content import rewrite

    monkeypatch.setattr(rewrite, "merged", lambda changes: [])
    outcome = examine(
        mail_of(Part(text="x"), Part(attach="b.doc", data="VIRUS!")), {"act_for_infected_files": "delete"}, files=VIRUS
    )
    assert not outcome.deliveries and list(outcome.refused) == ["u@ok.test"]
    assert outcome.trace[-1].place.startswith("warn_") or "check of what is left" in str(outcome.trace)


def test_an_infected_preamble_is_moved_and_nothing_else(examine: Examine, stored: dict[str, bytes]) -> None:
    data = mail_of(Part(text="x"), Part(attach="n.txt", data="notes")).replace(b"\n\n", b"\n\nVIRUS! here\n", 1)
    outcome = examine(data, {"act_for_infected_files": "move"}, files=VIRUS)
    ((_, sent),) = outcome.deliveries
    assert list(stored.values()) == [b"VIRUS! here\n"] and b"VIRUS!" not in sent
    assert [part.get_filename() for part in email.message_from_bytes(sent).get_payload()] == [None, "n.txt"]  # type: ignore[union-attr]


def test_a_slash_in_a_file_name_can_be_renamed_and_cleaned(examine: Examine) -> None:
    files = {"signatures/own.txt": VIRUS["signatures/own.txt"] + "Test.Macro:clean:*:2e\n"}
    data = mail_of(Part(text="x"), Part(attach="a/b.doc", data="VIRUS!"))
    assert b"a_b.doc.vir" in examine(data, {"act_for_infected_files": "rename"}, files=files).deliveries[0][1]
    assert examine(data, {"act_for_infected_files": "clean"}, files=files).deliveries


@pytest.mark.parametrize(("mode", "refused"), [("after_queue", False), ("before_queue", True)])
def test_no_bounce_goes_to_a_sender_that_was_forged(examine: Examine, mode: str, refused: bool) -> None:
    data = mail_of(Part(text="x"), Part(attach="b.doc", data="FORGER!"))
    outcome = examine(data, {"act_for_infected_files": "reject", "mode": mode, "warn_sender": "yes"}, files=VIRUS)
    assert bool(outcome.refused) is refused and bool(outcome.discarded) is not refused
    assert [notice.party for notice in outcome.notices] == ["administrator"]


def test_the_trace_names_the_finding_its_line_the_object_and_who_was_told(examine: Examine) -> None:
    data = mail_of(Part(text="x"), Part(attach="v.doc", data="VIRUS!", wrap=["zip"]))
    outcome = examine(data, {"act_for_infected_files": "clean, delete", "warn_sender": "yes"}, files=VIRUS)
    (found,) = [one for one in outcome.trace if one.place == "infected"]
    assert (found.element, found.said) == ("Test.Macro", "part0002:v.zip/v.doc") and str(found.rule).startswith(
        "rav/signatures/own.txt:1"
    )
    assert [one.element for one in outcome.trace if one.place == "act_for_infected_files"] == ["clean", "delete"]
    assert said(outcome, "warn_sender") == ["a@good.test: told of Test.Macro (infected)"]


def test_the_bulk_score_is_in_the_trace_whether_it_is_reached_or_not(examine: Examine) -> None:
    low = examine(mail_of(Part(text="click here")), {"antispam_configuration": "bulk_low_precision"})
    assert low.deliveries and "ClickHere 1" in said(low, "bulk")[0] and "of 4" in said(low, "bulk")[0]
    sure = examine(
        mail_of(Part(attach="g.txt", type="text/plain", payload="gtube", disposition="none")),
        {"antispam_configuration": "bulk_very_high_precision"},
    )
    assert "Gtube 1000" in said(sure, "bulk")[0] and b"X-RAV-Bulk" in sure.deliveries[0][1]


def test_infected_mail_is_not_scored_but_suspicious_mail_is(examine: Examine) -> None:
    rav = {"antispam_configuration": "bulk_low_precision", "act_for_suspicious_files": "ignore"}
    assert not said(examine(mail_of(Part(text="x"), EICAR), rav), "bulk")
    assert said(examine(mail_of(Part(text="x"), Part(attach="a.exe", data="1")), rav), "bulk")


def test_a_white_listed_client_is_not_scored_but_scanned(examine: Examine) -> None:
    rav = {"antispam_configuration": "bulk_low_precision", "wbl_accept": "192.0.2.7"}
    outcome = examine(mail_of(Part(attach="g.txt", type="text/plain", payload="gtube", disposition="none")), rav)
    assert not said(outcome, "bulk") and b"X-RAV-Bulk" not in outcome.deliveries[0][1]
    assert said(examine(mail_of(Part(text="x"), EICAR), rav), "infected")


def test_a_bulk_check_that_breaks_lets_the_mail_pass_and_says_so(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.gateway.content import examine as module

    def broken(*_: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr(module, "score", broken)
    outcome = examine(mail_of(Part(text="x")), {"antispam_configuration": "bulk_low_precision"})
    assert outcome.deliveries and any("bulk check failed" in line for line in outcome.log)


@pytest.mark.parametrize(("module", "step"), [("unpack", "parse"), ("search", "scan")])
def test_a_step_that_breaks_leaves_the_mail_unexamined_and_that_is_a_finding(
    examine: Examine, monkeypatch: pytest.MonkeyPatch, module: str, step: str
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(f"harness.gateway.content.{module}.{step}", broken)
    outcome = examine(mail_of(Part(text="x")), {"act_for_unscannable_files": "copy, reject"})
    assert outcome.refused and {finding.cls for finding in outcome.findings} == {"unscannable"} and outcome.quarantined


@pytest.mark.parametrize("mode", ["after_queue", "before_queue"])
def test_a_quota_makes_move_fail_and_the_chain_go_on(examine: Examine, mode: str) -> None:
    outcome = examine(
        mail_of(Part(text="x"), EICAR),
        {"act_for_infected_files": "move, delete", "max_quarantine_bytes": "10", "mode": mode},
    )
    assert not outcome.quarantined and outcome.deliveries
    assert said(outcome, "act_for_infected_files")[0].startswith(
        "move: Eicar-Test in part0002:eicar.com: failed: 68 bytes do not fit"
    )


def test_a_signature_counts_in_a_header_and_across_parts_and_cannot_be_deleted_from_there(examine: Examine) -> None:
    files = {
        "signatures/own.ndb": "In.Header:0:*:582d576f726d\nAcross.Parts:0:*:656e64*626567696e\n"
    }  # X-Worm; end*begin
    plain = examine(b"Subject: x\nX-Worm: yes\n\nhello\n", {"act_for_infected_files": "delete"}, files=files)
    assert [(one.name, one.path) for one in plain.findings] == [("In.Header", "mail")]
    assert plain.refused and not plain.deliveries, "warn.txt keeps the header, so the mail is still infected"
    two = b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nthe end\n--b\n\nthe begin\n--b--\n"
    across = examine(two, {"act_for_infected_files": "delete"}, files=files)
    assert [(one.name, one.path) for one in across.findings] == [("Across.Parts", "mail")]
    ((_, data),) = across.deliveries
    assert b"the begin" not in data and b"warn.txt" in data
