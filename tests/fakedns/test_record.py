"""record: text to wire data and back, dnspython being the witness."""

from __future__ import annotations

import dns.rdata
import dns.rdatatype
import pytest
from dnslib import RDMAP

from fakedns.record import encode_data, make_record, minimum_ttl, parse_time
from fakedns.wire import TYPES, WireError, type_number

TEXTS = [
    ("A", "192.0.2.1"),
    ("AAAA", "2001:db8::1"),
    ("MX", "10 mail.ok.test."),
    ("PTR", "mail.ok.test."),
    ("SOA", "ns.t. h.t. 1 3600 900 604800 300"),
    ("TXT", '"one" "two words"'),
    ("SRV", "0 5 25 mail.ok.test."),
    ("SPF", '"v=spf1 -all"'),
    ("NS", "ns.ok.test."),
    ("CNAME", "ok.test."),
    ("DNAME", "ok.test."),
    ("RP", "a.ok.test. b.ok.test."),
    ("HINFO", '"PC" "Linux 6"'),
    ("AFSDB", "1 a.ok.test."),
    ("KX", "10 a.ok.test."),
    ("URI", '10 1 "ftp://ok.test/public"'),
    # Those that dnslib reads: all of them, so that none is only thought to work.
    ("CAA", '0 issue "ca.test"'),
    ("TLSA", "3 1 1 " + "ab" * 32),
    ("SSHFP", "2 1 123456789abcdef67890123456789abcdef67890"),
    ("DS", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
    ("DNSKEY", "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="),
    ("RRSIG", "A 5 3 86400 20300322173103 20300220173103 2642 ok.test. oJB1W6WNGv+ldvQ3WDG0MQ=="),
    ("NSEC", "host.ok.test. A MX RRSIG NSEC TYPE1234"),
    ("NAPTR", '100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.ok.test.'),
    ("LOC", "51 30 12.748 N 0 7 39.611 W 0.00m 0.00m 0.00m 0.00m"),
    ("HTTPS", '1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1'),
    ("SVCB", "0 a.ok.test."),
]


@pytest.mark.parametrize(("rtype", "text"), TEXTS)
def test_the_wire_form_is_dnspython_s(rtype: str, text: str) -> None:
    expected = dns.rdata.from_text("IN", rtype, text).to_wire()
    assert make_record("x.test", rtype, text).rdata == expected


def test_every_type_that_dnslib_packs_is_among_them() -> None:
    assert set(RDMAP) <= {rtype for rtype, _ in TEXTS}


@pytest.mark.parametrize("rtype", [rtype for rtype in TYPES if rtype not in ("OPT", "IXFR", "AXFR", "ANY")])
def test_any_type_may_be_given_in_hex_under_its_name(rtype: str) -> None:
    assert type_number(rtype) == dns.rdatatype.from_text(rtype)
    assert encode_data(rtype, ["\\#", "3", "abcdef"]) == b"\xab\xcd\xef"


def test_a_long_text_is_cut_into_strings() -> None:
    record = make_record("x.test", "TXT", "a" * 300)
    assert record.rdata[0] == 255 and record.data == "a" * 255, "a mail server takes the first"


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
