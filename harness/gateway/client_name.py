"""client_name - who is calling: the name behind an address, and how sure it is (smtpd_peer.c)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from harness.gateway.dns import Failed, Found, Missing, Resolver
from harness.gateway.session import Client, NameStatus
from harness.smtp.hostname import valid_hostname


async def identify(address: str, port: str, dns: Resolver, warn: Callable[[str], None]) -> Client:
    """The client at this address: PTR first, then the addresses of that name must hold this one.

    A DNS failure is TEMPORARY, a name without this address FORGED; either way the client is called `unknown`.
    """
    client = Client(address, port)
    if address.startswith("127.") or address == "::1":  # /etc/hosts knows, on every machine
        client.name = client.reverse_name = "localhost"
        client.name_status = client.reverse_name_status = NameStatus.OK
        return client
    pointer = ipaddress.ip_address(address).reverse_pointer
    match await dns.lookup(pointer, "PTR"):
        case Missing():
            return client
        case Failed():
            client.name_status = client.reverse_name_status = NameStatus.TEMPORARY
            return client
        case Found(records):
            name = records[0].data
    if not valid_hostname(name):
        warn(f"{address}: hostname {name} is no valid name")
        return client
    client.reverse_name, client.reverse_name_status = name, NameStatus.OK
    match await dns.lookup(name, "AAAA" if ":" in address else "A"):
        case Found(found):
            wanted = ipaddress.ip_address(address)
            if any(ipaddress.ip_address(record.data) == wanted for record in found):
                client.name, client.name_status = name, NameStatus.OK
            else:
                warn(f"hostname {name} does not resolve to address {address}")
                client.name_status = NameStatus.FORGED
        case Missing():
            warn(f"hostname {name} does not resolve to address {address}: Name or service not known")
            client.name_status = NameStatus.PERMANENT
        case Failed():
            warn(f"hostname {name} does not resolve to address {address}: Temporary failure in name resolution")
            client.name_status = NameStatus.TEMPORARY
    return client
