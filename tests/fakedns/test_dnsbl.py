"""dnsbl: RFC 5782's reversed names and test points."""

from __future__ import annotations

import pytest

from fakedns import Found, Missing, Zone, declare_list, list_address, list_name, reversed_address


def codes(zone: Zone, name: str) -> list[str]:
    answer = zone.lookup(name, "A")
    return [record.data for record in answer.records] if isinstance(answer, Found) else []


def test_addresses_are_reversed() -> None:
    assert reversed_address("192.0.2.7") == "7.2.0.192"
    assert reversed_address("2001:db8::1") == "1." + "0." * 23 + "8.b.d.0.1.0.0.2"


def test_listings_have_codes_and_text() -> None:
    zone = Zone()
    declare_list(zone, "rbl.test")
    list_address(zone, "rbl.test", "192.0.2.7", codes=["127.0.0.2", "127.0.0.4"], text="open relay")
    list_address(zone, "rbl.test", "2001:db8::1")
    list_name(zone, "rbl.test", "spam.example")
    assert codes(zone, "7.2.0.192.rbl.test") == ["127.0.0.2", "127.0.0.4"]
    text = zone.lookup("7.2.0.192.rbl.test", "TXT")
    assert isinstance(text, Found) and text.records[0].data == "open relay"
    assert codes(zone, f"{reversed_address('2001:db8::1')}.rbl.test") == ["127.0.0.2"]
    assert codes(zone, "spam.example.rbl.test") == ["127.0.0.2"]
    assert isinstance(zone.lookup("8.2.0.192.rbl.test", "A"), Missing)


def test_the_test_points_are_there_and_their_opposites_are_not() -> None:
    zone = Zone()
    declare_list(zone, "rbl.test")
    assert codes(zone, "2.0.0.127.rbl.test") == codes(zone, "test.rbl.test") == ["127.0.0.2"]
    assert codes(zone, f"{reversed_address('::ffff:127.0.0.2')}.rbl.test") == ["127.0.0.2"]
    assert codes(zone, "1.0.0.127.rbl.test") == codes(zone, "invalid.rbl.test") == []


def test_a_small_network_is_every_address_of_it() -> None:
    zone = Zone()
    list_address(zone, "rbl.test", "192.0.2.0/30")
    assert codes(zone, "3.2.0.192.rbl.test") == ["127.0.0.2"]
    assert codes(zone, "4.2.0.192.rbl.test") == []


@pytest.mark.parametrize(
    ("address", "code"), [("192.0.2", "127.0.0.2"), ("192.0.2.1", "10.0.0"), ("10.0.0.0/8", "127.0.0.2")]
)
def test_what_cannot_be_listed_is_an_error(address: str, code: str) -> None:
    with pytest.raises(ValueError):
        list_address(Zone(), "rbl.test", address, codes=[code])


def test_a_list_gone_wrong_may_answer_any_address() -> None:
    zone = Zone()
    list_address(zone, "rbl.test", "192.0.2.7", codes=["203.0.113.9"])
    assert codes(zone, "7.2.0.192.rbl.test") == ["203.0.113.9"]


def test_listing_makes_the_list_part_of_the_world() -> None:
    zone = Zone()
    list_address(zone, "rbl.test", "192.0.2.7")
    assert "rbl.test" in zone.declared


def test_a_text_that_begins_with_a_quote_is_kept_as_it_is() -> None:
    zone = Zone()
    list_address(zone, "rbl.test", "192.0.2.7", text='"open" relay')
    found = zone.lookup("7.2.0.192.rbl.test", "TXT")
    assert isinstance(found, Found) and found.records[0].data == '"open" relay'
