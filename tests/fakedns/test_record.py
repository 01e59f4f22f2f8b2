"""record: text to wire data and back, dnspython being the witness."""

from __future__ import annotations

import dns.rdata
import pytest

from fakedns.record import encode_data, make_record, minimum_ttl, parse_time
from fakedns.wire import WireError

TEXTS = [
    ("A", "192.0.2.1"),
    ("AAAA", "2001:db8::1"),
    ("MX", "10 mail.ok.test."),
    ("PTR", "mail.ok.test."),
    ("SOA", "ns.t. h.t. 1 3600 900 604800 300"),
    ("TXT", '"one" "two words"'),
    ("SRV", "0 5 25 mail.ok.test."),
    ("CAA", '0 issue "ca.test"'),
    ("TLSA", "3 1 1 " + "ab" * 32),
]


@pytest.mark.parametrize(("rtype", "text"), TEXTS)
def test_the_wire_form_is_dnspython_s(rtype: str, text: str) -> None:
    expected = dns.rdata.from_text("IN", rtype, text).to_wire()
    assert make_record("x.test", rtype, text).rdata == expected


def test_a_long_text_is_cut_into_strings() -> None:
    record = make_record("x.test", "TXT", "a" * 300)
    assert record.rdata[0] == 255 and record.data == "a" * 300


@pytest.mark.parametrize(
    ("rtype", "data"),
    [
        ("A", "192.0.2"),
        ("MX", "mail.ok.test"),
        ("MX", "70000 a.t"),
        ("AAAA", "192.0.2.1"),
        ("NOSUCH", "x"),
        ("TXT", '"'),
    ],
)
def test_what_is_no_such_data_is_an_error(rtype: str, data: str) -> None:
    with pytest.raises(WireError):
        make_record("x.test", rtype, data)


def test_generic_data_is_any_type() -> None:
    assert encode_data("TYPE999", ["\\#", "3", "abcdef"]) == b"\xab\xcd\xef"
    with pytest.raises(WireError):
        encode_data("TYPE999", ["\\#", "2", "abcdef"])


def test_times_have_units() -> None:
    assert [parse_time(t) for t in ("60", "1h", "1d12h")] == [60, 3600, 129600]
    with pytest.raises(WireError):
        parse_time("soon")


def test_the_smaller_of_ttl_and_minimum_counts_for_no() -> None:
    assert minimum_ttl(make_record("t", "SOA", "ns.t. h.t. 1 3600 900 604800 20", ttl=60)) == 20
