"""parse - a restriction list as written -> compiled elements: names, arguments and tables are looked up here, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.errors import ConfigError
from harness.gateway.policy.endpoint import Service
from harness.gateway.policy.known import Known
from harness.gateway.policy.restriction import SERVER_ERROR, SUBJECTS, Element, View, restrictions
from harness.gateway.policy.verdict import DUNNO, Ask, Verdict
from harness.gateway.rule import Rule

Token = tuple[str, Rule]

BUILT_IN_CLASSES = {
    "reject_sender_login_mismatch": (
        "reject_authenticated_sender_login_mismatch",
        "reject_unauthenticated_sender_login_mismatch",
    )
}


def parse(tokens: Iterable[Token], place: str, known: Known, bare: str | None) -> tuple[Element, ...]:
    """Elements of one list, in order.

    Mistakes that Postfix finds only when it gets there become elements that answer 451 4.3.5.  Raises ConfigError
    for those at which smtpd does not start (a policy service with bad braces).  Source: generic_checks
    in smtpd_check.c.
    """
    words = list(tokens)
    elements: list[Element] = []
    warn, at = False, 0
    while at < len(words):
        word, rule = words[at]
        if word.lower() == "warn_if_reject":
            warn, at = True, at + 1
            continue
        element, at = _element(words, at, place, known, bare)
        element.warn, warn = warn, False
        element.follows = words[at][0] if at < len(words) else ""
        element.rule = rule
        elements.append(element)
    return tuple(elements)


def _element(words: Sequence[Token], at: int, place: str, known: Known, bare: str | None) -> tuple[Element, int]:
    """The element that starts at this word, and where the next one starts."""
    word, rule = words[at]
    name, after = word, at + 1
    if ":" in word:  # a bare table: the phase's own access command takes it as its argument
        if bare is None:
            return Element(_no_bare_table, word, word, rule, place), after
        name, after = bare, at
    known_name = name.lower()
    if name in BUILT_IN_CLASSES:  # in this very spelling, as any class
        inner = parse(((n, rule) for n in BUILT_IN_CLASSES[name]), place, known, bare)
        return Element(_ask_class, Ask(inner, name), name, rule, place, name=known_name), after
    member = restrictions.get(known_name)
    if member is None:
        if name in known.classes:
            return Element(_ask_named_class, name, name, rule, place, name=name), after
        return Element(_misconfigured, f'unknown smtpd restriction: "{name}"', name, rule, place, name=name), after
    argument: Any = None
    text, problem = name, ""
    if member.argument:
        given = words[after][0] if after < len(words) else ""
        after = min(after + 1, len(words))
        text = f"{name} {given}" if given else name
        match member.argument:
            case "table":
                if ":" in given:
                    argument = known.access_table(given)
                else:
                    problem = f'restriction {member.name}: bad argument "{given or "(null)"}": need maptype:mapname'
            case "zone":
                if not given:  # a warning, and nothing else
                    return Element(_no_zone, name, text, rule, place, name=known_name), after
                argument = known.blocklist(given, rule)
            case "seconds":
                if given.isascii() and given.isdigit():
                    argument = int(given)
                else:
                    problem = "restriction sleep must be followed by number"
            case "service":
                if ":" in given:
                    argument = _service(given, rule, known)
                else:
                    problem = "restriction check_policy_service must be followed by transport:server"
    if problem:
        return Element(_misconfigured, problem, text, rule, place, name=known_name), after
    by = SUBJECTS.index(member.by) if member.by else -1
    return Element(
        member.run, argument, text, rule, place, False, member.permits, known_name, member.final, member.once, by=by
    ), after  # fmt: skip


def _service(given: str, rule: Rule, known: Known) -> Service:
    try:
        return known.service(given)
    except ValueError as error:
        raise ConfigError(str(error), file=rule.file, line=rule.line) from None


def mistake_of(element: Element) -> str:
    """What is wrong with an element as it is written, and what comes of it when it is asked; "" where nothing is."""
    if element.run is _misconfigured:
        return f"{element.argument}: it answers 451"
    if element.run is _no_bare_table:
        return f'"{element.text}" needs a command in front of it in this list: it answers 451'
    return f"restriction {element.name} requires domain name argument: it is skipped" if element.run is _no_zone else ""


def _misconfigured(view: View, problem: str) -> Verdict:
    view.warn(problem)
    return SERVER_ERROR


def _no_zone(view: View, name: str) -> Verdict:
    view.warn(f"restriction {name} requires domain name argument")
    return DUNNO


def _no_bare_table(view: View, word: str) -> Verdict:
    view.warn(
        "specify one of (check_client_access, check_reverse_client_hostname_access, check_helo_access, "
        "check_sender_access, check_recipient_access, check_etrn_access) before "
        f'{view.reply_class} restriction "{word}"'
    )
    return SERVER_ERROR


def _ask_class(view: View, ask: Ask) -> Verdict:
    return ask


def _ask_named_class(view: View, name: str) -> Verdict:
    return Ask(class_elements(name, view.known, view.bare), name)


def class_elements(name: str, known: Known, bare: str | None) -> tuple[Element, ...]:
    """The compiled elements of a restriction class, in a list with this command for bare tables.

    Compiled when first asked for, since classes may name each other.
    """
    elements = known.compiled.get((name, bare))
    if elements is None:
        elements = known.compiled[(name, bare)] = parse(known.classes[name], name, known, bare)
    return elements


def has_required(words: Sequence[str], required: frozenset[str], classes: Mapping[str, Sequence[Token]]) -> bool:
    """Does this list refuse strangers by default?  The check smtpd makes at start (has_required)."""
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
            continue
        lower = word.lower()
        if lower == "warn_if_reject" and at + 1 < len(words):
            skip = True
        elif lower == "permit":
            return False
        elif lower in required or (word in classes and has_required([w for w, _ in classes[word]], required, classes)):
            return True
    return False
