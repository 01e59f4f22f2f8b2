"""element - draw restriction lists: any of the 78 words in any list, with the argument it takes, or without."""

from __future__ import annotations

from collections.abc import Sequence

from harness.fuzz.draw import Draw, chance, many, pick
from harness.fuzz.policy import POLICY_SERVICES
from harness.fuzz.table import Files, draw_access_table
from harness.fuzz.vocabulary import (
    BLOCKLISTS,
    CLASSES,
    DEAD_LIST,
    GENERIC,
    LISTS,
    OF_CLIENT,
    OF_HELO,
    OF_RECIPIENT,
    OF_SENDER,
    REQUIRED,
    RESTRICTIONS,
)

_AT_HOME = {  # what is written in a list more often than the rest
    "smtpd_client_restrictions": OF_CLIENT,
    "smtpd_helo_restrictions": OF_HELO,
    "smtpd_sender_restrictions": OF_SENDER,
    "smtpd_relay_restrictions": OF_RECIPIENT,
    "smtpd_recipient_restrictions": OF_RECIPIENT,
    "smtpd_data_restrictions": GENERIC,
    "smtpd_end_of_data_restrictions": GENERIC,
    "smtpd_etrn_restrictions": ("check_etrn_access", "check_client_access", "reject", "permit_mynetworks"),
}
_SUBJECT = {
    "smtpd_client_restrictions": "client", "smtpd_helo_restrictions": "helo", "smtpd_sender_restrictions": "sender",
    "smtpd_etrn_restrictions": "etrn",
}  # fmt: skip
_FILTERS = (
    "",
    "",
    "",
    "=127.0.0.2",
    "=127.0.0.[2..4]",
    "=127.0.0.[2;3;10]",
    "=127.[0..255].[0..255].[0..255]",
    "=[127.0.1.2]",
)


def draw_lists(draw: Draw, files: Files, words: Sequence[str] = ()) -> dict[str, str]:
    """The restriction lists of a configuration, and its classes; most of them short, some not there.

    Each of `words` stands at the head of one of them.
    """
    made: dict[str, str] = {}
    for name in LISTS:
        if name in ("smtpd_relay_restrictions", "smtpd_recipient_restrictions") or chance(draw, 55):
            made[name] = ", ".join(_elements(draw, files, name))
    for word in words:
        at_home = [name for name in LISTS if word in _AT_HOME[name]]
        name = pick(draw, at_home if at_home and chance(draw, 60) else LISTS)
        made[name] = f"{_worded(draw, files, word)}, {made.get(name, '')}".rstrip(", ")
    if not _refuses_strangers(made) and not chance(draw, 2):
        name = pick(draw, ("smtpd_relay_restrictions", "smtpd_recipient_restrictions"))
        made[name] = f"reject_unauth_destination, {made[name]}".rstrip(", ")
    made["smtpd_restriction_classes"] = ", ".join(CLASSES)
    for at, name in enumerate(CLASSES):  # smtpd dies (signal 11) of a class that names itself
        made[name] = ", ".join(_elements(draw, files, pick(draw, LISTS[:5]), CLASSES[:at])) or "permit_mynetworks"
    return made


def _refuses_strangers(made: dict[str, str]) -> bool:
    """Is there, before any `permit`, one of the words without which smtpd does not start?  A guess will do."""
    for name in ("smtpd_relay_restrictions", "smtpd_recipient_restrictions"):
        before = made[name].lower().partition("permit,")[0].replace(",", " ").split()
        if REQUIRED & set(before) and "warn_if_reject" not in before and "{" not in made[name]:
            return True
    return False


def _elements(draw: Draw, files: Files, place: str, classes: tuple[str, ...] = CLASSES) -> list[str]:
    return [_element(draw, files, place, classes) for _ in range(many(draw, 0, 5))]


def _element(draw: Draw, files: Files, place: str, classes: tuple[str, ...]) -> str:
    if classes and chance(draw, 6):
        return pick(draw, classes)
    if chance(draw, 4):
        return draw_access_table(draw, files, _SUBJECT.get(place, "recipient"))  # a bare table
    if chance(draw, 1):
        return pick(draw, ("no_such_restriction", "check_client_access", "reject_rbl_client", "sleep x", "Strangers"))
    word = pick(draw, _AT_HOME[place] if chance(draw, 50) else RESTRICTIONS)
    if word == "warn_if_reject":
        return f"{word} {_worded(draw, files, pick(draw, RESTRICTIONS))}"
    return _worded(draw, files, word)


def _worded(draw: Draw, files: Files, word: str) -> str:
    """The word with its argument."""
    written = word.upper() if chance(draw, 3) else word
    argument = _argument(draw, files, word)
    return f"{written} {argument}" if argument else written


def _argument(draw: Draw, files: Files, word: str) -> str:
    if word.startswith("check_") and word.endswith("_access"):
        return draw_access_table(draw, files, _subject_of(word))
    if "rbl_" in word or word == "reject_rbl" or "rhsbl" in word or word.endswith(("dnswl_client", "rhswl_client")):
        if word == "reject_maps_rbl":
            return ""
        if chance(draw, 8):
            return DEAD_LIST
        return pick(draw, BLOCKLISTS) + pick(draw, _FILTERS)
    match word:
        case "sleep":
            return "0"
        case "check_policy_service":
            if chance(draw, 15):
                return "inet:127.0.0.1:1"  # where nobody listens: smtpd_policy_service_default_action speaks for it
            return pick(draw, POLICY_SERVICES)
        case _:
            return ""


def _subject_of(word: str) -> str:
    if word.endswith(("_a_access", "_mx_access", "_ns_access")):
        return "server"
    for subject in ("helo", "sender", "recipient", "etrn"):
        if subject in word:
            return subject
    return "login" if "sasl" in word else "client"


def words_of(written: Sequence[str]) -> set[str]:
    """Which of the 78 words stand in these lists."""
    return {word for text in written for word in text.lower().replace(",", " ").split() if word in RESTRICTIONS}
