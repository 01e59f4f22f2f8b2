"""orders: a running server is changed and asked in words."""

from __future__ import annotations

from pathlib import Path

import dns.message
import dns.rcode
import pytest

from fakedns import Fault, Responder, Silence, list_address, load_list, orders, parse_zone
from fakedns.orders import _CHANGES, _ORDERS, _WORDS, OrderError, obey


@pytest.fixture
def responder(tmp_path: Path) -> Responder:
    zone = parse_zone("ok.test. MX 10 mail.ok.test.\nmail.ok.test. A 192.0.2.8\nalias.ok.test. CNAME mail.ok.test.")
    list_address(zone, "rbl.test", "192.0.2.7")
    (tmp_path / "set").write_text(":2:open relay\n10.0.0.0/8\n")
    load_list(zone, "set.test", "ip4set", tmp_path / "set")
    return Responder(zone, [Fault("broken.test", "any", Silence(), label="outage")])


def answer(responder: Responder, name: str, rtype: str = "A") -> str:
    wire = responder.answer(dns.message.make_query(name, rtype).to_wire()).wire
    if wire is None:
        return "silence"
    reply = dns.message.from_wire(wire)
    return " ".join(str(rr[0]) for rr in reply.answer) or dns.rcode.to_text(reply.rcode())


def order(responder: Responder, text: str) -> list[str]:
    return obey(responder, text.split())


def test_what_would_be_answered_is_shown_and_counts_as_not_asked(responder: Responder) -> None:
    assert order(responder, "query ok.test MX") == ["ok.test. 60 IN MX 10 mail.ok.test."]
    assert order(responder, "query alias.ok.test")[-1] == "mail.ok.test. 60 IN A 192.0.2.8"
    assert order(responder, "query no.ok.test") == ["; NXDOMAIN"]
    assert order(responder, "query ok.test TXT") == ["; NODATA"]
    assert order(responder, "query example.com") == ["; outside every zone: example.com"]
    assert order(responder, "query broken.test") == ["; a fault: Silence()", "; NXDOMAIN"]
    assert not responder.log.entries


def test_history_is_what_was_asked_and_can_be_forgotten(responder: Responder) -> None:
    answer(responder, "ok.test", "MX")
    answer(responder, "Mail.OK.test")
    answer(responder, "broken.test")
    whole = ["udp ok.test MX NOERROR", "udp mail.ok.test A NOERROR", "udp broken.test A silence"]
    assert order(responder, "history") == whole
    assert order(responder, "history *.ok.test.") == whole[1:2]
    assert order(responder, "set forget") == ["3 questions forgotten"] and order(responder, "history") == []


@pytest.mark.parametrize(
    ("zone", "entry", "name"),
    [
        ("rbl.test", "192.0.2.9", "9.2.0.192.rbl.test"),
        ("rbl.test", "192.0.2.7", "7.2.0.192.rbl.test"),
        ("rbl.test", "192.0.3.0/30", "2.3.0.192.rbl.test"),
        ("dbl.test", "spam.example", "spam.example.dbl.test"),
        ("set.test", "10.1.2.3", "3.2.1.10.set.test"),
        ("rbl.test", "2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.rbl.test"),
    ],
)
def test_an_entry_comes_and_goes_whatever_list_it_is_in(responder: Responder, zone: str, entry: str, name: str) -> None:
    for _ in range(2):
        order(responder, f"set list {zone} {entry}")
        assert answer(responder, name).split()[0] == "127.0.0.2"
        order(responder, f"set unlist {zone} {entry}")
        assert answer(responder, name) == "NXDOMAIN"
    with pytest.raises(OrderError, match="is not listed"):
        order(responder, f"set unlist {zone} {entry}")


def test_a_listing_may_have_a_text(responder: Responder) -> None:
    obey(responder, ["set", "list", "rbl.test", "192.0.2.9", "open relay"])
    assert answer(responder, "9.2.0.192.rbl.test", "TXT") == '"open relay"'


def test_things_go_wrong_and_are_mended(responder: Responder) -> None:
    order(responder, "set fault *.ok.test/A=servfail")
    assert answer(responder, "mail.ok.test") == "SERVFAIL" and answer(responder, "ok.test", "MX") == "10 mail.ok.test."
    order(responder, "set mend *.ok.test/A")
    assert answer(responder, "mail.ok.test") == "192.0.2.8"
    order(responder, "set mend outage")  # by its label
    assert answer(responder, "broken.test") == "NXDOMAIN"
    with pytest.raises(OrderError, match=r"nothing is wrong with 'mail\.test'"):
        order(responder, "set mend mail.test")


def test_records_are_added_and_removed(responder: Responder) -> None:
    order(responder, "set record new.test MX 5 mail.ok.test")
    assert answer(responder, "new.test", "MX") == "5 mail.ok.test."
    order(responder, "set remove new.test")
    assert answer(responder, "new.test", "MX") == "NXDOMAIN"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("", "no order ''"),
        ("histry", "no order 'histry'; did you mean 'history'"),
        ("set lst rbl.test x", "no order 'lst'; did you mean 'list'"),
        ("list rbl.test 192.0.2.1", "no order 'list'"),
        ("query", r"query takes NAME \[TYPE\]"),
        ("query ok.test NOSUCH", "unknown record type"),
        ("set fault ok.test", "expects NAME"),
        ("set fault ok.test=asleep", "unknown rcode 'asleep'"),
        ("set list rbl.test 10.0.0.0/8", "from /24 to /32"),
        ("set record x.test MX mail", "MX takes a preference, a host name"),
        ("set remove no.test", "has no records"),
        ("set forget all", "forget takes nothing more"),
    ],
)
def test_an_order_that_cannot_be_changes_nothing(responder: Responder, words: str, what: str) -> None:
    version, rules = responder.zone.version, list(responder.faults.rules)
    with pytest.raises(OrderError, match=what):
        order(responder, words)
    assert (responder.zone.version, responder.faults.rules) == (version, rules)


def test_the_manual_names_every_order() -> None:
    lines = [line.split() for line in (orders.__doc__ or "").splitlines() if line.startswith("    ")]
    assert [words[words[0] == "set"] for words in lines] == [*_ORDERS, *_CHANGES] == list(_WORDS)
