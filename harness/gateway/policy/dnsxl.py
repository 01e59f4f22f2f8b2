"""dnsxl - ask a DNS blocklist or allowlist about an address or a domain, and word the refusal (RFC 5782)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from harness.gateway.expand import ExpandError, expand
from harness.gateway.lookup import find_key
from harness.gateway.policy.access import fix_status, split_status
from harness.gateway.policy.blocklist import Blocklist
from harness.gateway.policy.mailhost import Status, ask, to_ascii
from harness.gateway.policy.restriction import SENDER, SERVER_ERROR, View
from harness.gateway.policy.session_words import session_word
from harness.gateway.policy.verdict import Reject
from harness.gateway.table import TableError
from harness.smtp.hostname import valid_hostname, valid_ipv6

MOST_TEXT = 500
_REMEMBERED = 4096  # refusals: a template is expanded in 30 us, and spammers come again

DEFAULT_REPLY = (
    "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A positive answer: the A records, and the TXT records joined."""

    answers: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class NotListed:
    """No such name in the list; or a name that is never asked about."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """The list did not answer: never a reason to refuse, but one to defer where a permit was hoped for."""


NOT_LISTED, UNSURE = NotListed(), Unsure()

Answer = Listed | NotListed | Unsure


async def ask_about_address(view: View, blocklist: Blocklist, address: str) -> Answer:
    """What a list says of an IP address: octets, or 32 nibbles, reversed."""
    if valid_ipv6(address):
        name = ".".join(reversed(IPv6Address(address).exploded.replace(":", "")))
    else:
        name = ".".join(reversed(address.split(".")))
    return await _ask(view, blocklist, f"{name}.{blocklist.zone}")


async def ask_about_domain(view: View, blocklist: Blocklist, what: str) -> Answer:
    """What a list says of a host name, or of the domain of a mail address.

    Literals, names that end in a number, and names that are no host names are not asked about.
    """
    _, at, domain = what.rpartition("@")
    if (at and domain.startswith("[")) or not domain or domain.rpartition(".")[2].isdigit():
        return NOT_LISTED
    if not domain.isascii():
        domain = to_ascii(domain)
    if not valid_hostname(domain):
        return NOT_LISTED
    return await _ask(view, blocklist, f"{domain}.{blocklist.zone}")


async def _ask(view: View, blocklist: Blocklist, query: str) -> Answer:
    # smtpd remembers answers per process; here they last for one session, as if each had a process of its own.
    answers = view.session.flags.answers
    answer = answers.get(query)
    if answer is None:
        answer = answers[query] = await _look_up(view, query)
    assert isinstance(answer, Listed | NotListed | Unsure)
    if isinstance(answer, Listed) and not blocklist.counts(answer.answers):
        return NOT_LISTED
    return answer


async def _look_up(view: View, query: str) -> Answer:
    reply = await ask(view, query, "A")
    if reply.status is Status.NOTFOUND:
        return NOT_LISTED
    if reply.status is not Status.OK:
        view.warn(
            f"{query}: RBL lookup error: Host or domain name not found. "
            f"Name service error for name={query} type=A: {reply.why}"
        )
        return UNSURE
    texts = await ask(view, query, "TXT")
    joined = " / ".join(_printable(record.data) for record in texts.records)
    return Listed(tuple(record.data for record in reply.records), joined[:MOST_TEXT])


def _printable(text: str) -> str:
    """A TXT record as dns_get_rr() hands it on: every byte that is no printable ASCII is a blank."""
    if text.isascii() and text.isprintable():
        return text
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if 32 <= byte < 127 else " " for byte in data)


def refuse(view: View, blocklist: Blocklist, listed: Listed, what: str, reply_class: str) -> Reject:
    """The refusal of something listed, from rbl_reply_maps or default_rbl_reply.

    The template gives code, status and text; one that is no SMTP reply becomes 450 4.7.1 Service unavailable.
    """
    known, template = view.known, ""
    if known.reply_maps:
        try:
            hit = find_key(known.reply_maps, blocklist.argument)
        except TableError as error:
            view.warn(str(error))
            return SERVER_ERROR
        template = hit.value if hit else ""
    template = template or known.reply_template
    key = (template, blocklist.argument, listed, what, reply_class)
    remembered = known.refusals.get(key)
    if remembered is not None:
        return remembered
    words = _Words(view, blocklist, listed, what, reply_class)
    try:
        line = expand(template, words)
    except ExpandError:
        view.warn(f"dnsxl: bad rbl reply template for domain {blocklist.argument}: {template}")
        line = expand(DEFAULT_REPLY, words)
    if not (line[:1] in ("4", "5") and line[1:3].isdigit() and line[3:4] == " "):
        view.warn(f"rbl response code configuration error: {line}")
        return Reject(450, "7.1", "Service unavailable")
    status, text = split_status(line[4:], "7.1")
    text = text.lstrip()  # a name at its beginning may have been empty
    lasting = words.lasting and reply_class != SENDER  # which is remembered by domain, and named whole
    reject = Reject(int(line[:3]), fix_status(status, reply_class), text or "Service unavailable", lasting=lasting)
    if words.lasting:
        if len(known.refusals) >= _REMEMBERED:
            known.refusals.clear()
        known.refusals[key] = reject
    return reject


@dataclass(slots=True)
class _Words:
    """The `$names` of a reply template; what a stranger wrote is filtered (smtpd_expansion_filter).

    `lasting`: only names were asked that say the same in every session about the same listing.
    """

    view: View
    blocklist: Blocklist
    listed: Listed
    what: str
    reply_class: str
    lasting: bool = True

    def __call__(self, name: str) -> str | None:
        value = self._value(name)
        self.lasting = self.lasting and name.startswith("rbl_")
        if value is None:
            return None
        allowed = self.view.known.reply_filter
        # A dollar sign is doubled: the value is not to be expanded once more.
        return "".join(c if c in allowed else "_" for c in value).replace("$", "$$")

    def _value(self, name: str) -> str | None:
        known, session = self.view.known, self.view.session
        match name:
            case "rbl_code":
                return str(known.maps_rbl_reject_code)
            case "rbl_domain":
                return self.blocklist.zone
            case "rbl_reason" | "rbl_txt":
                return self.listed.text
            case "rbl_what":
                return self.what
            case "rbl_class":
                return self.reply_class
        return session_word(name, session, known.settings.text("myhostname"), known.log.clock.now())
