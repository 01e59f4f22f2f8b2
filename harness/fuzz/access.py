"""access - draw what stands on the right of access(5) and header_checks(5): every action, well-formed and not."""

from __future__ import annotations

from harness.fuzz.draw import Draw, chance, many, pick, weighted
from harness.fuzz.vocabulary import ACCESS_ACTIONS, CHECK_ACTIONS

_WEIGHTS = dict.fromkeys(ACCESS_ACTIONS, 4) | {
    "OK": 8, "REJECT": 10, "DUNNO": 8, "code": 8, "HANGUP": 1, "DISCARD": 2, "FILTER": 2, "HOLD": 2, "REDIRECT": 2,
    "wrong": 3,
}  # fmt: skip
_STATUS = ("", "", "4.7.9 ", "5.7.9 ", "5.1.1 ", "4.1.8 ", "2.1.5 ", "5.1.3 ", "5.2.1 ", "5.7 ", "9.9.9 ", "5.1234.1 ")
_TEXTS = ("", "no thanks", "go to http://gw.test/?a=b", "tab\there", "50% off $client", "two  blanks", "x" * 40)
_CODES = ("550", "554", "450", "451", "521", "421", "499", "599")
_LISTS = (
    "reject", "permit", "defer", "reject_unauth_destination", "permit_mynetworks, reject", "warn_if_reject reject",
    "defer_if_permit", "defer_if_reject permit", "strangers", "friends, reject", "Strangers",
    "reject_rbl_client bl.test",
    "check_sender_access inline:{a=b}", "reject_non_fqdn_sender reject_unknown_sender_domain",
    "permit_auth_destination reject",
    "reject_unlisted_recipient", "sleep 0", "sleep", "REJECT_UNAUTH_DESTINATION",
    "reject_rhsbl_sender rhs.test, permit",
)  # fmt: skip
_WRONG = (
    "FROBNICATE",
    "299 x",
    "650 x",
    "45 x",
    "hash:/etc/postfix/none",
    "550",
    "4.7.1 no code",
    "550-no",
    ",",
    "{ }",
    "ok then",
)


def draw_access(draw: Draw) -> str:
    """The value of a line of an access table."""
    word = weighted(draw, _WEIGHTS)
    match word:
        case "digits":
            return pick(draw, ("450", "550", "1", "200", "1234567890"))
        case "code":
            return f"{pick(draw, _CODES)} {_said(draw) or 'by its code'}"
        case "restrictions":
            return pick(draw, _LISTS)
        case "wrong":
            return pick(draw, _WRONG)
        case "OK" | "RELAY" | "DUNNO":
            value = word + (" and why" if chance(draw, 10) else "")
        case "REJECT" | "DEFER" | "DEFER_IF_PERMIT" | "DEFER_IF_REJECT":
            value = f"{word} {_said(draw)}"
        case _:
            value = f"{word} {_argument(draw, word)}"
    value = value.rstrip()
    return value.lower() if chance(draw, 8) and word != "PREPEND" else value


def draw_check(draw: Draw) -> str:
    """The value of a line of header_checks or body_checks."""
    if chance(draw, 4):
        return pick(draw, ("FROBNICATE it", "550 no", "reject_unauth_destination", "DISCARD_THIS"))
    word = pick(draw, CHECK_ACTIONS)
    match word:
        case "REJECT":
            argument = _said(draw)
        case "PREPEND" | "REPLACE":
            argument = pick(draw, ("X-Checked: yes", "X-Checked: ${1}", "Subject: replaced", "no header at all", ""))
        case "WARN" | "INFO" | "HOLD" | "IGNORE" | "STRIP" | "PASS" | "DUNNO" | "OK" | "DISCARD":
            argument = pick(draw, ("", "because", "of $1"))
        case _:
            argument = _argument(draw, word)
    value = f"{word} {argument}".rstrip()
    return value.lower() if chance(draw, 8) and word not in ("PREPEND", "REPLACE") else value


def draw_code(draw: Draw) -> str:
    """A reply code for one of the *_reject_code parameters; few are none."""
    if chance(draw, 6):
        return pick(draw, ("200", "600", "99", "250"))
    return str(pick(draw, (4, 5)) * 100 + many(draw, 0, 99))


def _said(draw: Draw) -> str:
    status, text = pick(draw, _STATUS), pick(draw, _TEXTS)
    # Behind a status that ends the value, dsn_split() of 3.7.11 reads on past its end.
    return f"{status}{text or 'why'}" if status else text


def _argument(draw: Draw, word: str) -> str:
    match word:
        case "FILTER":
            return pick(draw, ("smtp:filter.test", "relay:[127.0.0.26]:25", "nocolon", ""))
        case "REDIRECT" | "BCC":
            return pick(draw, ("other@gw.test", "second@gw.test", "noat", ""))
        case "PREPEND":
            return pick(draw, ("X-Fuzz: yes", "X-Other: a\tb", "no header", ""))
        case _:
            return pick(draw, _TEXTS)
