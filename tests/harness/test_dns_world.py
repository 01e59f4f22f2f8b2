"""dns_world: a scenario's `dns:` as zone and faults, and what smtpd would find out about a client in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import fakedns
from harness.dns_world import client_names, faults_of, zone_of
from harness.errors import ScenarioError
from harness.scenario import Dns, Fault, FaultDo, FaultMatch, Listing

HERE = Path("s.yaml")
ZONE = """\
7.2.0.192.in-addr.arpa. PTR good.test.
8.2.0.192.in-addr.arpa. PTR liar.test.
9.2.0.192.in-addr.arpa. PTR nowhere.test.
good.test. A 192.0.2.7
liar.test. A 192.0.2.77
"""
V6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR six.test.\nsix.test. AAAA 2001:DB8::1\n"


def fault(name: str, rtype: str = "any", during: str | None = None, **do: object) -> Fault:
    return Fault(FaultMatch(name, rtype), FaultDo(**do), during)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "faults", "names"),
    [
        ("192.0.2.7", [], ("good.test", "good.test")),
        ("192.0.2.8", [], ("[UNAVAILABLE]", "liar.test")),
        ("192.0.2.9", [], ("[UNAVAILABLE]", "nowhere.test")),
        ("192.0.2.10", [], ("[UNAVAILABLE]", "[UNAVAILABLE]")),
        ("2001:db8::1", [], ("six.test", "six.test")),
        ("192.0.2.7", [fault("*.in-addr.arpa", "PTR", rcode="servfail")], ("[TEMPUNAVAIL]", "[TEMPUNAVAIL]")),
        ("192.0.2.7", [fault("good.test", "A", silence=True)], ("[TEMPUNAVAIL]", "good.test")),
        ("192.0.2.7", [fault("good.test", "MX", silence=True)], ("good.test", "good.test")),
        ("192.0.2.7", [fault("good.test", "A", delay="5ms"), fault("*", rcode="servfail")], ("[TEMPUNAVAIL]",) * 2),
        ("192.0.2.7", [fault("*", delay="5ms"), fault("*", rcode="servfail")], ("good.test", "good.test")),
    ],
)
def test_a_client_has_the_names_that_smtpd_would_find(
    address: str, faults: list[Fault], names: tuple[str, str]
) -> None:
    assert client_names(address, fakedns.parse_zone(ZONE + V6), faults) == names


def test_blocklists_answer_for_addresses_of_both_kinds_and_for_names() -> None:
    listed = {"192.0.2.7": Listing(["127.0.0.2", "127.0.0.4"], "why"), "2001:db8::1": Listing(), "spam.test": Listing()}
    zone = zone_of(Dns(rbl={"rbl.test": listed}), HERE)
    found = zone.lookup("7.2.0.192.rbl.test", "A")
    assert isinstance(found, fakedns.Found)
    assert [record.data for record in found.records] == ["127.0.0.2", "127.0.0.4"]
    assert isinstance(zone.lookup("7.2.0.192.rbl.test", "TXT"), fakedns.Found)
    assert isinstance(zone.lookup("spam.test.rbl.test", "A"), fakedns.Found)
    assert isinstance(zone.lookup("2.0.0.127.rbl.test", "A"), fakedns.Found), "RFC 5782: the test point"
    assert isinstance(zone.lookup("8.2.0.192.rbl.test", "A"), fakedns.Missing)


def test_a_wrong_line_of_a_zone_is_told_with_its_line_in_the_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"s\.yaml:12: "):
        zone_of(Dns(zone="good.test. A 192.0.2.7\nbad.test. A 192.0.2.777\n"), HERE, first_line=11)
    (tmp_path / "z.zone").write_text("\n\nbad.test. NOSUCH x\n")
    with pytest.raises(ScenarioError, match=r"z\.zone:3: "):
        zone_of(Dns(zones=["z.zone"]), tmp_path / "s.yaml")
    with pytest.raises(ScenarioError, match=r"rbl rbl\.test: "):
        zone_of(Dns(rbl={"rbl.test": {"192.0.2.7": Listing("nonsense")}}), HERE)


def test_each_fault_is_what_fakedns_calls_it() -> None:
    asked = [
        fault("a", rcode="refused"), fault("b", delay="1500ms"), fault("c", silence=True), fault("d", truncate=True),
        fault("e", "A", "one", answer=Listing("127.0.0.9", "t")),
    ]  # fmt: skip
    assert faults_of(Dns(faults=asked)) == (
        fakedns.Fault("a", "any", fakedns.Rcode(5)),
        fakedns.Fault("b", "any", fakedns.Delay(1.5)),
        fakedns.Fault("c", "any", fakedns.Silence()),
        fakedns.Fault("d", "any", fakedns.Truncate()),
        fakedns.Fault("e", "A", fakedns.Answer((("A", "127.0.0.9"), ("TXT", "t"))), "one"),
    )


@pytest.mark.parametrize("text", ["soon", "-1s", "inf"])
def test_a_delay_that_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ScenarioError, match="expects a time"):
        faults_of(Dns(faults=[fault("a", delay=text)]))
