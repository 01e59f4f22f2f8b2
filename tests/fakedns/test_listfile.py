"""listfile: data files mounted in a zone."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakedns import Found, Missing, Zone, ZoneError, load_list, mount_list, parse_zone


def codes(zone: Zone, name: str) -> list[str]:
    found = zone.lookup(name, "A")
    return [record.data for record in found.records] if isinstance(found, Found) else []


def test_a_list_answers_below_its_zone_only() -> None:
    zone = Zone()
    assert mount_list(zone, "rbl.test", "ip4tset", ["192.0.2.7"]) == []
    assert codes(zone, "7.2.0.192.rbl.test") == ["127.0.0.2"]
    other = zone.lookup("8.2.0.192.rbl.test", "A")
    assert isinstance(other, Missing) and other.nxdomain
    apex = zone.lookup("rbl.test", "A")
    assert isinstance(apex, Missing) and not apex.nxdomain


def test_two_lists_of_one_zone_and_its_records_add_up() -> None:
    zone = parse_zone("7.2.0.192.rbl.test. A 127.0.0.9")
    mount_list(zone, "rbl.test", "ip4set", [":2:", "192.0.2.7"])
    mount_list(zone, "rbl.test", "ip4trie", [":3:", "192.0.2/24"])
    assert codes(zone, "7.2.0.192.rbl.test") == ["127.0.0.9", "127.0.0.2", "127.0.0.3"]


def test_soa_and_ttl_come_from_the_file() -> None:
    zone = Zone()
    mount_list(
        zone,
        "rbl.test",
        "dnset",
        ["$SOA 1h ns.rbl.test host.rbl.test 7 600 300 1d 120", "$NS 300 ns.rbl.test", "$TTL 50", "spam.test"],
    )
    missing = zone.lookup("ok.test.rbl.test", "A")
    assert isinstance(missing, Missing) and missing.soa.data.startswith("ns.rbl.test host.rbl.test 7 ")
    found = zone.lookup("spam.test.rbl.test", "A")
    assert isinstance(found, Found) and found.records[0].ttl == 50
    assert isinstance(zone.lookup("rbl.test", "NS"), Found)


def test_combined_sections_go_to_their_subzones() -> None:
    zone = Zone()
    lines = [
        "$TTL 90",
        "$DATASET ip4set:proxy proxies @",
        ":2:proxy $",
        "192.0.2.7",
        "$DATASET generic relays",
        "www A 127.0.0.8",
    ]
    assert mount_list(zone, "bl.test", "combined", lines) == []
    assert codes(zone, "7.2.0.192.bl.test") == codes(zone, "7.2.0.192.proxies.bl.test") == ["127.0.0.2"]
    assert codes(zone, "www.relays.bl.test") == ["127.0.0.8"]
    assert codes(zone, "7.2.0.192.relays.bl.test") == []


@pytest.mark.parametrize(("kind", "lines", "complaint"), [
    ("ip4sett", [], "no data set of type 'ip4sett'"),
    ("combined", ["$DATASET ip4set"], "my.list:1: $DATASET expects a type and at least one subzone"),
    ("combined", ["$DATASET nosuch a"], "no data set of type 'nosuch'"),
])  # fmt: skip
def test_a_list_that_cannot_be(kind: str, lines: list[str], complaint: str) -> None:
    with pytest.raises(ZoneError, match=r"my\.list") as raised:
        mount_list(Zone(), "rbl.test", kind, lines, "my.list")
    assert complaint in str(raised.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZoneError, match="No such file"):
        load_list(Zone(), "rbl.test", "ip4set", tmp_path / "none")
