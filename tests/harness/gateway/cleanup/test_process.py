"""test_process - messages through cleanup, as Postfix 3.7 was seen to treat them."""

from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.clock import HandClock
from harness.gateway.cleanup import Cleaned, Cleanup
from harness.gateway.dns import Resolver
from harness.gateway.dsn import NOTHING_SAID, Wanted
from harness.gateway.maillog import MailLog
from harness.gateway.session import Client, Session
from harness.gateway.settings import Settings

BASE = {"compatibility_level": "3.6", "myhostname": "gw.example.test"}


def clean(directory: Path, data: bytes, checks: str = "", body: str = "", **set_: str) -> tuple[Cleaned, list[str]]:
    """One message through a cleanup with these header_checks and settings; and the log."""
    (directory / "hc").write_text(checks)
    (directory / "bc").write_text(body)
    files = {"header_checks": "regexp:/etc/postfix/hc"} if checks else {}
    files |= {"body_checks": "regexp:/etc/postfix/bc"} if body else {}
    main = "".join(f"{name} = {value}\n" for name, value in (BASE | files | set_).items())
    (directory / "main.cf").write_text(main)
    lines: list[str] = []
    log = MailLog(HandClock(1_800_000_000), "gw", lines.append)
    client = Client("10.3.3.3", name="mail.good.test")
    session = Session(client, cast(Resolver, None), protocol="ESMTP", helo_name="mail.good.test", sender="a@good.test")
    session.recipients = ["u@ourdomain.test"]
    return Cleanup(Settings.load(directory), log).process(session, "QID", data), lines


MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n%s\n--b--\n"


@pytest.mark.parametrize(
    ("rule", "data", "answer"),
    [
        ("/viagra/ REJECT", b"Subject: viagra\n\n", "550 5.7.1 message content rejected"),
        ("/a..b/ REJECT", b"Subject: a\n\tb\n\n", "550 5.7.1 message content rejected"),
        ("/^X: 1$/ REJECT 4.2.1 later", b"X : 1\n\n", "451 4.2.1 later"),
        ("/^X:/ REJECT 2.0.0 odd", b"X: 1\n\n", "451 4.0.0 odd"),
        ("/^X:/ REJECT no", MULTIPART % b"X: 1\n\n", "550 5.7.1 no"),
        ("/^X:/ REJECT no", MULTIPART % b"Content-Type: message/rfc822\n\nX: 1\n", "550 5.7.1 no"),
        ("/^X:/ REJECT", b"A: b\nnot a header\nX: 1\n", "None"),
        ("/^X:/ FROBNICATE", b"X: 1\n\n", "None"),
        ("/^Received: from mail.good.test/ REJECT own", b"X: 1\n\n", "550 5.7.1 own"),
        ("/^X:/", b"X: 1\n\n", "451 4.3.0 Error: queue file write error"),
    ],
)
def test_header_checks_answer_as_postfix(tmp_path: Path, rule: str, data: bytes, answer: str) -> None:
    assert str(clean(tmp_path, data, rule + "\n")[0].reply) == answer


def test_a_reject_is_logged_in_postfix_s_words(tmp_path: Path) -> None:
    log = clean(tmp_path, b"Subject: cheap\n viagra now\n\n", "/viagra/ REJECT\n")[1]
    assert log[-1].endswith(
        "QID: reject: header Subject: cheap? viagra now from mail.good.test[10.3.3.3]; from=<a@good.test>"
        " to=<u@ourdomain.test> proto=ESMTP helo=<mail.good.test>: 5.7.1 message content rejected"
    )


@pytest.mark.parametrize(
    ("parameter", "data", "text"),
    [
        ("strict_7bit_headers", b"Subject: caf\xe9\n\n", "improper use of 8-bit data in message header"),
        ("strict_8bitmime_body", b"A: b\n\ncaf\xe9\n", "improper use of 8-bit data in message body"),
        (
            "strict_mime_encoding_domain",
            b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n",
            "invalid message/* or multipart/* encoding domain",
        ),
    ],
)
def test_strict_settings_refuse_at_the_end_of_data(tmp_path: Path, parameter: str, data: bytes, text: str) -> None:
    assert clean(tmp_path, data)[0].reply is None
    assert str(clean(tmp_path, data, **{parameter: "yes"})[0].reply) == f"550 5.6.0 {text}"


def test_a_missing_table_is_a_write_error_only_when_it_is_reached(tmp_path: Path) -> None:
    missing = {"header_checks": "regexp:/etc/postfix/hc regexp:/etc/postfix/none"}
    answer = str(clean(tmp_path, b"A: b\n\n", header_checks="regexp:/etc/postfix/none")[0].reply)
    assert answer == "451 4.3.0 Error: queue file write error"
    assert clean(tmp_path, b"A: b\n\n", "/^/ DUNNO\n", **missing)[0].reply is None


def test_actions_change_the_message_or_wish_for_it(tmp_path: Path) -> None:
    rules = "/^A:/ IGNORE\n/^B:/ REPLACE X: new\n/^C:/ PREPEND P: q\n/^D:/ HOLD\n/^E:/ BCC c@d\n/^F:/ FILTER x:y\n"
    cleaned, _ = clean(tmp_path, b"A: 1\nB: 2\nC: 3\nD: 4\nE: 5\nF: 6\nBcc: no\n\nbody\n", rules)
    assert cleaned.data.endswith(b"\nX: new\nP: q\nC: 3\nD: 4\nE: 5\nF: 6\n\nbody\n")
    assert [wish.action for wish in cleaned.wishes] == ["HOLD", "BCC", "FILTER"]
    assert cleaned.envelope.recipients == ("u@ourdomain.test", "c@d")


def test_body_checks_see_chunks_and_stop_at_their_limit(tmp_path: Path) -> None:
    assert clean(tmp_path, b"A: b\n\n" + b"x" * 2047 + b"evil\n", body="/evil/ REJECT\n")[0].reply is None
    limit = {"body_checks_size_limit": "10"}
    late = b"A: b\n\n" + b"x" * 20 + b"\nevil\n"
    assert clean(tmp_path, late, body="/evil/ REJECT\n", **limit)[0].reply is None
    assert clean(tmp_path, late, body="/evil/ REJECT\n")[0].reply is not None


def test_header_size_limit_cuts_what_is_written_not_what_a_check_sees(tmp_path: Path) -> None:
    data = b"X: " + b"a" * 600 + b"evil\n\tlost\nY: kept\n\nb\n"
    cleaned, _ = clean(tmp_path, data, header_size_limit="512")
    assert b"lost" not in cleaned.data
    assert b"\nX: " + b"a" * 509 + b"\nY: kept\n" in cleaned.data
    assert clean(tmp_path, data, "/evil/ REJECT\n", header_size_limit="512")[0].reply is not None


@pytest.mark.parametrize(("first", "second", "left"), [(40, 18, 18), (40, 22, 18), (58, 5, 0), (59, 5, 0), (60, 5, 0)])
def test_a_folded_header_is_cut_at_the_limit_as_3_7_11_cuts_it(
    tmp_path: Path, first: int, second: int, left: int
) -> None:
    data = b"Y: " + b"a" * (first - 3) + b"\n " + b"b" * second + b"\n c\n\nhi\n"
    cleaned, _ = clean(tmp_path, data, header_size_limit="60")
    rest = b"\n " + b"b" * left if left else b""
    assert b"\nY: " + b"a" * (first - 3) + rest + b"\n\nhi\n" in cleaned.data


def test_a_stray_cr_becomes_a_blank_unless_it_may_stay(tmp_path: Path) -> None:
    data = b"X: y\n\nhi\r.\rthere\n"
    assert clean(tmp_path, data)[0].data.endswith(b"\n\nhi . there\n")
    assert clean(tmp_path, data, cleanup_replace_stray_cr_lf="no")[0].data.endswith(b"\n\nhi\r.\rthere\n")


def test_hops_and_size_are_limited(tmp_path: Path) -> None:
    hops = b"Received: x\n" * 49 + b"\nb\n"
    assert str(clean(tmp_path, hops)[0].reply) == "554 5.4.0 Error: too many hops"
    assert str(clean(tmp_path, b"A: b\n\n" + b"x" * 99, message_size_limit="50")[0].reply).startswith(
        "552 5.3.4 Error: m"
    )


def test_a_recipient_is_queued_once_for_each_thing_that_was_said_of_it(tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in BASE.items()))
    log = MailLog(HandClock(1_800_000_000), "gw")
    session = Session(Client("10.3.3.3"), cast(Resolver, None), protocol="ESMTP", sender="a@good.test")
    session.recipients = ["u@x.test", "U@x.test", "u@x.test", "u@x.test"]
    session.said = [NOTHING_SAID, NOTHING_SAID, Wanted(("DELAY", "FAILURE")), Wanted(("FAILURE", "DELAY"))]
    cleaned = Cleanup(Settings.load(tmp_path), log).process(session, "QID", b"A: b\n\n")
    assert cleaned.envelope.recipients == ("u@x.test", "u@x.test")


def test_aliases_are_expanded_until_they_end(tmp_path: Path) -> None:
    maps = "inline:{ {u@ourdomain.test = v@x.test, w@x.test}, v@x.test=z@x.test }"
    assert clean(tmp_path, b"A: b\n\n", virtual_alias_maps=maps)[0].envelope.recipients == ("z@x.test", "w@x.test")


def test_a_missing_message_id_is_added_only_when_asked(tmp_path: Path) -> None:
    assert b"Message-Id" not in clean(tmp_path, b"A: b\n\n")[0].data
    added = clean(tmp_path, b"A: b\n\n", always_add_missing_headers="yes")[0].data
    assert b"\nMessage-Id: <20270115080000.QID@gw.example.test>\nDate: Fri, 15 Jan 2027" in added


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.sampled_from([b"A: b\n", b"\n", b"--b\n", MULTIPART, b" x\n", b"\0\xff\n", b"From \n"])).map(b"".join)
)
def test_no_message_makes_it_raise_and_lines_asked_for_are_lines_skimmed(tmp_path: Path, data: bytes) -> None:
    skimmed = clean(tmp_path, data)[0]
    assert clean(tmp_path, data, "/^no such/ DUNNO\n", "/^no such/ DUNNO\n")[0].data == skimmed.data
