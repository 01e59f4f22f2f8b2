"""admit - before the content: white and black list, then the blocklists, for one group of recipients.

The paper's order: a white-listed client goes straight to the virus scan; everybody else is looked up in the lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.gateway.content.client_list import closest
from harness.gateway.content.group import Group
from harness.gateway.content.outcome import Mail
from harness.gateway.content.rbl import RblAnswer, ask_sites
from harness.gateway.dns import Resolver
from harness.gateway.policy.blocklist import Octets
from harness.gateway.rule import Rule
from harness.gateway.session import Asked


@dataclass(frozen=True, slots=True)
class Admission:
    """What is said of a client before its mail is looked at."""

    refused: str = ""  # the text of the refusal
    why: str = ""  # `wbl_reject good.test`, `rbl_site rbl.test`, for the log
    white: bool = False  # spared the blocklists and the bulk check, never the scan
    trace: tuple[Asked, ...] = ()


@dataclass(slots=True)
class Doorman:
    """Admits one mail; a blocklist is asked once, however many groups want to know."""

    mail: Mail
    resolver: Resolver
    in_time: Callable[[], bool]  # whether there is time left to ask blocklists
    known: dict[tuple[str, Octets | None], RblAnswer] = field(default_factory=dict)

    async def admit(self, group: Group) -> Admission:
        """The black list wins over the white one, unless the white entry means this client more closely."""
        mail = self.mail
        whom = (mail.client_address, mail.client_name, mail.sender)
        close_white, white = closest(group.white, *whom)
        close_black, black = closest(group.black, *whom)
        if black is not None and (white is None or close_black >= close_white):
            trace = [_asked("wbl_reject", black.text, black.rule, "rejected", True)]
            if white is not None:
                trace.insert(0, _asked("wbl_accept", white.text, white.rule, "accepted, but the black list is closer"))
            return Admission(f"{black.text} is not welcome here", f"wbl_reject:{black.text}", trace=tuple(trace))
        if white is not None:
            said = "accepted: no blocklist and no bulk check"
            return Admission(white=True, trace=(_asked("wbl_accept", white.text, white.rule, said, True),))
        return await self._look_up(group)

    async def _look_up(self, group: Group) -> Admission:
        mail, trace = self.mail, []
        for site in group.rbl_sites:
            key = (site.zone, site.pattern)
            if key not in self.known:
                for answer in await ask_sites((site,), mail.client_address, self.resolver, self.in_time):
                    self.known[key] = answer
            known = self.known.get(key)
            if known is None:
                break  # no address, so no list has it
            trace.append(_asked("rbl_site", site.zone, site.rule, known.said, known.listed))
            if known.listed:
                text = group.rbl_reply.replace("CLIENT", mail.client_address).replace("SITE", site.zone)
                return Admission(text, f"rbl_site:{site.zone}", trace=tuple(trace))
        return Admission(trace=tuple(trace))


def _asked(place: str, element: str, rule: Rule, said: str, decided: bool = False) -> Asked:
    return Asked("end_of_data", place, element, rule, said, decided)
