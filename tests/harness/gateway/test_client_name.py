"""client_name: what PTR and address records say of a client."""

from __future__ import annotations

import asyncio

import pytest

import fakedns
from fakedns import Fault, Rcode
from harness.gateway.client_name import identify
from harness.gateway.resolver import ZoneResolver
from harness.gateway.session import NameStatus

ZONE = fakedns.parse_zone(
    "7.2.0.192.in-addr.arpa. PTR mail.ok.test.\nmail.ok.test. A 192.0.2.7\n"
    "8.2.0.192.in-addr.arpa. PTR mail.ok.test.\n9.2.0.192.in-addr.arpa. PTR gone.ok.test.\n"
    "6.2.0.192.in-addr.arpa. PTR broken.ok.test.\n5.2.0.192.in-addr.arpa. PTR -bad-.test.\n"
)
FAULTS = [Fault("4.2.0.192.in-addr.arpa", "any", Rcode(2)), Fault("broken.ok.test", "any", Rcode(2))]


@pytest.mark.parametrize(
    ("address", "name", "status", "reverse", "warning"),
    [
        ("192.0.2.7", "mail.ok.test", NameStatus.OK, "mail.ok.test", ""),
        ("192.0.2.8", "unknown", NameStatus.FORGED, "mail.ok.test", "does not resolve to address 192.0.2.8"),
        ("192.0.2.9", "unknown", NameStatus.PERMANENT, "gone.ok.test", "Name or service not known"),
        ("192.0.2.6", "unknown", NameStatus.TEMPORARY, "broken.ok.test", "Temporary failure"),
        ("192.0.2.5", "unknown", NameStatus.PERMANENT, "unknown", "no valid name"),
        ("192.0.2.4", "unknown", NameStatus.TEMPORARY, "unknown", ""),
        ("192.0.2.3", "unknown", NameStatus.PERMANENT, "unknown", ""),
        ("127.0.0.9", "localhost", NameStatus.OK, "localhost", ""),
    ],
)
def test_names_and_how_sure_they_are(address: str, name: str, status: NameStatus, reverse: str, warning: str) -> None:
    warned: list[str] = []
    client = asyncio.run(identify(address, "25", ZoneResolver(ZONE, FAULTS), warned.append))
    assert (client.name, client.name_status, client.reverse_name) == (name, status, reverse)
    assert warning in " ".join(warned) and bool(warned) == bool(warning)
