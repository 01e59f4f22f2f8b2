"""family - contract: a kind of session that a generator can make any number of, and the people it is about.

A member of families/ is a function from a Scene to a Draft session; all chance comes from the scene's own random
source, so session number N of a seed is the same whoever makes it, and in whichever order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from harness.corpus.sample import Label
from harness.registry import Registry


@dataclass(frozen=True)
class People:
    """Who there is: our own domain and users, decent senders, and clients of bad repute.  Everybody has a number."""

    domain: str = "yourdomain.com"
    users: int = 200
    partners: int = 300  # domains that write to us, each with a mail host of its own
    listed: int = 2000  # clients on the blocklists
    dialups: int = 2000
    blocklists: tuple[str, ...] = ()
    inside: str = "192.168.1."

    def user(self, number: int) -> str:
        return f"user{number % self.users}@{self.domain}"

    def partner(self, number: int) -> tuple[str, str, str]:
        """(domain, address of its mail host, name of it); the names have no dial-up word in them."""
        number %= self.partners
        domain = f"partner{number}.test"
        return domain, f"198.51.{100 + number // 250}.{number % 250 + 1}", f"mx.{domain}"

    def listed_client(self, number: int) -> tuple[str, str]:
        """(address, blocklist that has it)."""
        number %= self.listed
        zone = self.blocklists[number % len(self.blocklists)] if self.blocklists else ""
        return f"203.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}", zone

    def dialup(self, number: int) -> tuple[str, str]:
        """(address, name) of a line at home."""
        number %= self.dialups
        return f"100.{64 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}", f"dsl-{number}.pool.isp.test"

    def zone(self) -> Iterator[str]:
        """The DNS in which they live, as zone text."""
        yield "$TTL 300"
        yield f"{self.domain}. MX 10 gateway.{self.domain}."
        yield f"gateway.{self.domain}. A 192.0.2.1"
        yield "elsewhere.test. MX 10 mx.elsewhere.test."
        yield "mx.elsewhere.test. A 192.0.2.80"
        yield "isp.test. MX 10 smtp.isp.test."
        yield "nowhere.test. SOA ns.nowhere.test. hostmaster.nowhere.test. 1 3600 900 604800 300"
        for number in range(self.partners):
            domain, address, host = self.partner(number)
            yield f"{domain}. MX 10 {host}."
            yield f"{host}. A {address}"
            yield f"{_reversed(address)}.in-addr.arpa. PTR {host}."
        for number in range(self.dialups):
            address, host = self.dialup(number)
            yield f"{host}. A {address}"
            yield f"{_reversed(address)}.in-addr.arpa. PTR {host}."
        for zone in self.blocklists:
            yield f"2.0.0.127.{zone}. A 127.0.0.2"
        for number in range(self.listed if self.blocklists else 0):
            address, zone = self.listed_client(number)
            yield f"{_reversed(address)}.{zone}. A 127.0.0.2"
            yield f'{_reversed(address)}.{zone}. TXT "spam source {address}"'


def _reversed(address: str) -> str:
    return ".".join(reversed(address.split(".")))


@dataclass(frozen=True)
class Scene:
    """What one session may draw from."""

    number: int
    random: Random
    people: People
    texts: dict[str, tuple[tuple[str, str], ...]]  # generator -> (subject, body) of letters made beforehand

    @cached_property
    def recipient(self) -> str:
        """One of our users."""
        return self.people.user(self.random.randrange(self.people.users))

    def text(self, kind: str) -> tuple[str, str]:
        """A subject and a body of this kind."""
        known = self.texts[kind]
        return known[self.random.randrange(len(known))]


@dataclass(frozen=True, slots=True)
class Draft:
    """A session before its content is put together."""

    label: Label
    client: str
    helo: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    attachment: tuple[str, bytes] | None = None


Family = Callable[[Scene], Draft]

families: Registry[Family] = Registry("family", "harness.corpus.families")
