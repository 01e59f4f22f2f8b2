"""rbl - RAV's own blocklists (rbl_site): the first site that lists the client decides.  Source: RFC 5782 2.1, 2.4."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from harness.gateway.dns import Failed, Found, Resolver
from harness.gateway.policy.blocklist import Octets, matches, parse_pattern
from harness.gateway.rule import Rule
from harness.smtp.hostname import valid_hostname


@dataclass(frozen=True, slots=True)
class RblSite:
    """A zone to ask, as written, and which answers count (None: any that says "listed")."""

    zone: str
    pattern: Octets | None
    rule: Rule

    def lists(self, answer: str) -> bool:
        """Whether an A record means that the client is listed.

        Without a pattern that is 127/8 (RFC 5782 2.1) but 127.255.255/24, where operators say that the question was
        refused; anything else is a parked domain or a resolver that lies.
        """
        if self.pattern is not None:
            return matches(self.pattern, answer)
        return answer.startswith("127.") and not answer.startswith("127.255.255.")


@dataclass(frozen=True, slots=True)
class RblAnswer:
    """What one site said about the client."""

    site: RblSite
    listed: bool
    said: str


def rbl_site(text: str, rule: Rule) -> RblSite:
    """The site a list item stands for: `zone`, or `zone=127.0.0.[2..11]`.  Raises ValueError."""
    zone, equals, wanted = text.partition("=")
    zone = zone.strip().rstrip(".")
    if not valid_hostname(zone):
        raise ValueError(f"{zone!r} is no name of a zone")
    return RblSite(zone, parse_pattern(wanted.strip()) if equals else None, rule)


async def ask_sites(
    sites: Iterable[RblSite], address: str, resolver: Resolver, in_time: Callable[[], bool]
) -> list[RblAnswer]:
    """The answers in order, up to and including the first that lists the client.

    A site that cannot say, or is not asked any more because `in_time` says so, has not listed it.
    """
    answers: list[RblAnswer] = []
    try:
        pointer = ip_address(address).reverse_pointer
    except ValueError:
        return answers  # a client without an address cannot be listed
    labels = pointer.removesuffix(".arpa").removesuffix(".in-addr").removesuffix(".ip6")
    for site in sites:
        if not in_time():
            answers.append(RblAnswer(site, False, "not asked: rbl_timeout_s is over; not listed"))
            continue
        answer = await resolver.lookup(f"{labels}.{site.zone}", "A")
        match answer:
            case Found(records):
                said = [record.data for record in records]
                listed = any(site.lists(one) for one in said)
                word = "listed" if listed else "not listed by"
                answers.append(RblAnswer(site, listed, f"{word} {' '.join(said)}"))
                if listed:
                    return answers
            case Failed(reason):
                answers.append(RblAnswer(site, False, f"no answer ({reason}): not listed"))
            case _:
                answers.append(RblAnswer(site, False, "not listed"))
    return answers
