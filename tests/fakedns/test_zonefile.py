"""zonefile: master files as dnspython reads them, and complaints with file and line."""

from __future__ import annotations

from pathlib import Path

import dns.rdatatype
import dns.zone
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedns import ZoneError, load_zone, parse_zone

TEXT = """\
$ORIGIN ok.test.
$TTL 1h
@   IN SOA ns hostmaster ( 1 ; serial
        3600 900
        1w 300 )
    NS  ns
ns  A   192.0.2.1
    AAAA 2001:db8::1
mail 60 IN A 192.0.2.8
     MX 10 mail
t   TXT "with ; and \\" in it" two
"""


def test_it_reads_what_dnspython_reads() -> None:
    theirs = dns.zone.from_text(TEXT, relativize=False)
    expected = {
        (name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rdataset.rdtype), rdataset.ttl, rdata.to_wire())
        for name, rdataset in theirs.iterate_rdatasets()
        for rdata in rdataset
    }
    assert {(r.name, r.type, r.ttl, r.rdata) for r in parse_zone(TEXT).records()} == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a.test. A 192.0.2", r"z:1: A takes an address"),
        ("a.test. A 192.0.2.1\nb.test. AA 192.0.2.1", r"z:2: unknown record type 'AA'; did you mean"),
        (" A 192.0.2.1", r"z:1: the first record has no owner"),
        ("a.test. TXT (\n\"x\"", r"z:1: '\(' is never closed"),
        ("$INCLUDE x", r"z:1: \$INCLUDE is not supported"),
        ("a.test. CH TXT x", r"z:1: class CH"),
        ("\n\na.test. TXT \"x", r"z:3: a quote without its partner"),
        ("a.test.", r"z:1: a record of a.test without a type"),
        ("a.test. A 192.0.2.1\na.test. CNAME b.test.", r"z:2: .*stands alone"),
    ],
)  # fmt: skip
def test_mistakes_have_their_line(text: str, complaint: str) -> None:
    with pytest.raises(ZoneError, match=complaint):
        parse_zone(text, "z")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ZoneError, match="No such file"):
        load_zone(tmp_path / "none.zone")


@given(st.text(max_size=80))
def test_any_text_is_a_zone_or_a_zone_error(text: str) -> None:
    try:
        parse_zone(text)
    except ZoneError:
        pass
