"""generic: A, TXT and MX records."""

from __future__ import annotations

from fakedns import Found, Zone, mount_list


def test_the_three_types_and_one_ttl_for_each(  # RFC 2181 5.2
) -> None:
    zone = Zone()
    lines = [
        "$TTL 90",
        "@ 1h A 1.2.3.4",
        "@ A 127.0.0.8",
        "www MX 10 mx.ok.test",
        'www TXT "a text"',
        "www CNAME b",
        "@ A 1.2.3.999",
    ]
    warnings = mount_list(zone, "rbl.test", "generic", lines)
    assert len(warnings) == 2
    found = zone.lookup("rbl.test", "A")
    assert isinstance(found, Found) and [(record.data, record.ttl) for record in found.records] == [
        ("1.2.3.4", 90),
        ("127.0.0.8", 90),
    ]
    for rtype, data in (("MX", "mx.ok.test"), ("TXT", "a text")):
        found = zone.lookup("www.rbl.test", rtype)
        assert isinstance(found, Found) and found.records[0].data == data
