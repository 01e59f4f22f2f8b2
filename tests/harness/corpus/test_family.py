from __future__ import annotations

from random import Random

import pytest

import fakedns
from harness.corpus.family import People, Scene, families

PEOPLE = People(blocklists=("rbl.test", "dul.test"))
TEXTS = dict.fromkeys(("letter", "newsletter", "report"), (("subject", "body\n"),))


@pytest.mark.parametrize("name", list(families))
def test_every_family_lives_in_the_world_of_its_people(name: str) -> None:
    zone = fakedns.parse_zone("\n".join(PEOPLE.zone()) + "\n", file="x")
    for number in range(20):
        draft = families[name](Scene(number, Random(number), PEOPLE, TEXTS))
        assert draft.recipients and draft.client and draft.label in ("ham", "spam", "malware")
        again = families[name](Scene(number, Random(number), PEOPLE, TEXTS))
        assert again == draft
        domain = draft.sender.rpartition("@")[2]
        found = zone.lookup(domain, "MX") if domain else None
        assert found is None or isinstance(found, fakedns.Missing if name == "unknown_domain" else fakedns.Found)


def test_listed_clients_are_on_a_list_and_partners_are_not() -> None:
    zone = fakedns.parse_zone("\n".join(PEOPLE.zone()) + "\n", file="x")
    for number in range(0, PEOPLE.listed, 97):
        address, blocklist = PEOPLE.listed_client(number)
        name = ".".join(reversed(address.split("."))) + f".{blocklist}"
        assert isinstance(zone.lookup(name, "A"), fakedns.Found)
    address = PEOPLE.partner(7)[1]
    for blocklist in PEOPLE.blocklists:
        assert isinstance(zone.lookup(".".join(reversed(address.split("."))) + f".{blocklist}", "A"), fakedns.Missing)
