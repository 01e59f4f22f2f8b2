"""dns_record - the DNS world of an imported corpus, made up for what was seen: PTR and A of clients, MX of domains.

Names that were verified get a PTR and an A record; domains of senders and recipients get an MX and its A; HELO names
that are host names get an A.  Nothing is listed on any blocklist: that has to be stated.  An unknown client stays so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from harness.corpus.sample import Sample
from harness.smtp.hostname import valid_hostname


class DnsRecord:
    """Collects what samples show; `lines` gives it as zone text, sorted, so that one corpus has one zone."""

    def __init__(self) -> None:
        self._hosts: dict[str, set[str]] = {}  # name -> addresses
        self._pointers: dict[str, str] = {}  # reverse name -> name
        self._domains: set[str] = set()

    def see(self, sample: Sample) -> None:
        """Take note of one session's names."""
        name = sample.name
        if name is not None and valid_hostname(name):
            self._hosts.setdefault(name.lower(), set()).add(sample.client)
            self._pointers.setdefault(ipaddress.ip_address(sample.client).reverse_pointer, name.lower())
        helo = sample.helo.lower()
        if "." in helo and valid_hostname(helo) and not helo.rpartition(".")[2].isdigit():
            self._hosts.setdefault(helo, set()).add(sample.client)
        for address in (sample.sender, *sample.recipients):
            domain = address.rpartition("@")[2].lower()
            if address and "." in domain and valid_hostname(domain):
                self._domains.add(domain)

    def lines(self) -> Iterator[str]:
        """The zone, one record a line."""
        yield "; made up for what was seen in the corpus; blocklists have to be stated by hand"
        yield "$TTL 300"
        for name in sorted(self._hosts):
            for address in sorted(self._hosts[name]):
                yield f"{name}. {'AAAA' if ':' in address else 'A'} {address}"
        for pointer in sorted(self._pointers):
            yield f"{pointer}. PTR {self._pointers[pointer]}."
        for domain in sorted(self._domains):
            yield f"{domain}. MX 10 mx.{domain}."
            if f"mx.{domain}" not in self._hosts:
                yield f"mx.{domain}. A 198.18.0.1"
