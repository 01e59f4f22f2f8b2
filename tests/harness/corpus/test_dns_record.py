from __future__ import annotations

import fakedns
from harness.corpus.dns_record import DnsRecord
from harness.corpus.sample import Sample


def test_the_zone_has_what_was_seen_and_lists_nobody() -> None:
    record = DnsRecord()
    record.see(Sample("a", "192.0.2.7", "a@Good.test", ("b@ok.test",), helo="[192.0.2.7]", name="mail.good.test"))
    record.see(Sample("b", "2001:db8::7", "", ("b@ok.test",), helo="helo.six.test", name="six.test"))
    record.see(Sample("c", "192.0.2.9", "odd", ("b@ok.test",), helo="192.0.2.9"))
    zone = fakedns.parse_zone("\n".join(record.lines()) + "\n", file="x")
    names = {(one.name, one.type) for one in zone.records()}
    assert {("7.2.0.192.in-addr.arpa", "PTR"), ("mail.good.test", "A"), ("good.test", "MX"), ("ok.test", "MX")} <= names
    assert ("six.test", "AAAA") in names and ("helo.six.test", "AAAA") in names
    assert not any(name.startswith("9.2.0.192") or name == "odd" for name, _ in names)
