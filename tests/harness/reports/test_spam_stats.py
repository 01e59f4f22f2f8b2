"""spam_stats: each list and setting with its count, its share and the total."""

from __future__ import annotations

from datetime import date

import pytest

from harness.log_line import read_lines
from harness.reports.spam_stats import setting_of, spam_stats
from harness.traffic import count_traffic

S = "Nov 24 15:20:48 gw "


def smtpd(reply: str, word: str = "reject", client: str = "x.test[192.0.2.1]") -> str:
    return (
        f"{S}postfix/smtpd[1]: NOQUEUE: {word}: RCPT from {client}: {reply}; from=<a@b> to=<c@d> proto=ESMTP helo=<h>"
    )


def table(*lines: str) -> dict[str, tuple[str, str]]:
    """list or setting -> (count, share) of the first table."""
    first = spam_stats(lines, date(2026, 1, 1)).strip("\n").split("\n\n")[0]
    rows = [line.split(None, 2) for line in first.splitlines()[3:]]
    return {name: (count, share) for count, share, name in rows}


def test_counts_shares_and_the_total() -> None:
    blocked = smtpd("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using rbl.test")
    assert table(blocked, blocked, blocked, smtpd("554 5.7.1 <c@d>: Relay access denied")) == {
        "blocklist rbl.test": ("3", "75.0%"), "reject_unauth_destination": ("1", "25.0%"), "total": ("4", "100.0%"),
    }  # fmt: skip


def test_a_log_of_nothing() -> None:
    assert table() == {"total": ("0", "0.0%")}


@pytest.mark.parametrize(
    ("reply", "setting"),
    [
        ("504 5.5.2 <u>: Recipient address rejected: need fully-qualified address", "reject_non_fqdn_recipient"),
        ("450 4.1.8 <a@b>: Sender address rejected: Domain not found", "reject_unknown_sender_domain"),
        (
            "550 5.1.1 <u@x>: Recipient address rejected: User unknown in relay recipient table",
            "reject_unlisted_recipient",
        ),
        ("554 5.7.1 <x.test[192.0.2.1]>: Client host rejected: ACL mta_clients_bw", "access table: ACL mta_clients_bw"),
        ("554 5.7.1 <x>: Helo command rejected: Access denied", "check_helo_access"),
        ("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", "reject_unknown_client_hostname"),
        ("421 4.7.0 something else", "something else"),
        ("552 5.3.4 Message size exceeds fixed limit", "message_size_limit"),
    ],
)
def test_the_setting_behind_a_reply(reply: str, setting: str) -> None:
    assert setting_of(reply) == setting
    assert setting in table(smtpd(reply))


def test_header_checks_and_the_content_engine() -> None:
    found = table(
        f"{S}postfix/cleanup[1]: A1: reject: header Subject: x from y; from=<a>: 5.7.1 no",
        f"{S}postfix/cleanup[1]: A1: discard: body x from y; from=<a>",
        f"{S}postfix/cleanup[1]: A1: milter-reject: END-OF-MESSAGE from y: 5.7.1 no",
        f"{S}ravmd[1]: A1: client=x[192.0.2.1] from=<a@b> nrcpt=1 group=global verdict=refused name=rbl_site:rav.test outcome=reject",
        f"{S}ravmd[1]: A1: client=x[192.0.2.1] from=<a@b> nrcpt=1 group=global verdict=refused name=wbl_reject:b.test outcome=reject",
        f"{S}ravmd[1]: A1: client=x[192.0.2.1] verdict=infected name=Eicar-Test setting=act_for_infected_files chain=discard:discard outcome=discard",
        f"{S}ravmd[1]: A1: client=x[192.0.2.1] verdict=clean name=- setting=- outcome=deliver",
        f"{S}ravmd[1]: A1: found class=infected name=Eicar-Test object=x rule=y",
    )
    assert set(found) == {
        "header_checks", "body_checks", "milter", "blocklist rav.test", "wbl_reject b.test",
        "act_for_infected_files (Eicar-Test)", "total",
    }  # fmt: skip
    assert found["total"] == ("6", "100.0%")


def test_what_was_only_warned_of_stands_apart_and_who_is_listed_is_named() -> None:
    blocked = "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using rbl.test"
    report = spam_stats(
        [
            smtpd(blocked),
            smtpd(blocked, client="y[192.0.2.9]"),
            smtpd("554 5.7.1 <c@d>: Relay access denied", "reject_warning"),
        ],
        date(2026, 1, 1),
    )
    warned = report.partition("would have been rejected")[2]
    assert (
        "reject_unauth_destination" in warned
        and "       2  100.0%  blocklist rbl.test" in report.partition("would have")[0]
    )
    assert (
        "Clients that rbl.test lists\n---------------------------\n       1  x.test[192.0.2.1]\n       1  y[192.0.2.9]\n"
        in report
    )


def test_the_total_is_what_pflogsumm_counts_as_rejected_and_discarded() -> None:
    lines = [smtpd("554 5.7.1 a"), smtpd("554 b", "discard"), smtpd("554 c", "hold"), smtpd("554 d", "reject_warning"),
             f"{S}postfix/cleanup[1]: A1: reject: header x from y; from=<a>", f"{S}postfix/cleanup[1]: A1: hold: header x from y; from=<a>"]  # fmt: skip
    turned = count_traffic(lines).turned
    assert table(*lines)["total"][0] == str(turned["rejects"] + turned["discards"]) == "3"
    assert len(list(read_lines(lines))) == 6
