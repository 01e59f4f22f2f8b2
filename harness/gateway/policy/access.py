"""access - the right-hand side of access(5) -> Verdict; the same for what a policy server answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from harness.gateway.policy.known import Known
from harness.gateway.policy.parse import parse
from harness.gateway.policy.restriction import RECIPIENT, SENDER, SERVER_ERROR, Element, View
from harness.gateway.policy.verdict import (
    DUNNO,
    PERMIT,
    Act,
    Ask,
    DeferIfPermit,
    DeferIfReject,
    FromTable,
    HangUp,
    Note,
    PlainVerdict,
    Reject,
)
from harness.gateway.rule import Rule
from harness.gateway.session import Wish
from harness.gateway.table import Hit

_STATUS = re.compile(r"[245](\.\d{1,3}\.\d{1,3})(?:\s+|$)")
_HEADER = re.compile(r"[!-9;-~]+[ \t]*:")
_WORDS = re.compile(r"[^,\s{}]+|\{[^}]*\}")

# Statuses x.1.y name the wrong address when they come from a table that knows no phase (smtpd_dsn_fix).
_SENDER_STATUS = {"1": "7", "4": "7", "6": "7", "2": "8", "8": "8", "3": "7", "7": "7", "5": "0"}
_RECIPIENT_STATUS = {"1": "1", "2": "2", "3": "3", "4": "4", "5": "5", "6": "6", "7": "3", "8": "2"}

DENIED = "Access denied"

ACTIONS = (
    "BCC", "DEFER", "DEFER_IF_PERMIT", "DEFER_IF_REJECT", "DISCARD", "DUNNO", "FILTER", "HANGUP", "HOLD", "INFO", "OK",
    "PREPEND", "REDIRECT", "REJECT", "RELAY", "WARN",
)  # fmt: skip
"""The words that a value may begin with; others are restrictions, and three digits a reply code."""


@dataclass(frozen=True, slots=True)
class Action:
    """One value of an access table, parsed: what it asks for, and the text after the first word."""

    kind: Literal[
        "dunno", "reject", "defer", "code", "hangup", "note", "act", "defer_if_permit", "defer_if_reject", "ok",
        "table", "list",
    ]  # fmt: skip
    word: str
    text: str
    code: int = 0


def judge(
    view: View,
    table: str,
    key: str,
    hit: Hit,
    reply_name: str,
    reply_class: str,
    on_permit: Literal["permit", "dunno", "forbid"] = "permit",
    subject: str = "",
) -> FromTable:
    """What this line of a table means for this client, sender or recipient.

    `key` is what the log calls the entry.  Actions for the message that cannot be taken here are skipped with a
    warning.  Source: access(5), check_table_result in smtpd_check.c.
    """
    action = parse_action(hit.value)
    verdict = _verdict(view, table, key, action, hit, reply_name, reply_class)
    return FromTable(table, key, hit.rule, verdict, reply_name, reply_class, action.word, on_permit, subject)


@lru_cache(maxsize=4096)
def parse_action(value: str) -> Action:
    """First word and rest of a value, told apart in the order in which smtpd tries them."""
    match = re.match(r"([^ \t]*)\s*(.*)", value, re.DOTALL)
    assert match
    word, text = match[1], match[2]
    match word.upper():
        case "DUNNO":
            return Action("dunno", word, text)
        case "REJECT":
            return Action("reject", word, text)
        case "DEFER":
            return Action("defer", word, text)
        case "HANGUP":
            return Action("hangup", word, text)
        case "INFO" | "WARN":
            return Action("note", word, text)
        case "FILTER" | "HOLD" | "DISCARD" | "REDIRECT" | "BCC" | "PREPEND":
            return Action("act", word.upper(), text)
        case "DEFER_IF_PERMIT":
            return Action("defer_if_permit", word, text)
        case "DEFER_IF_REJECT":
            return Action("defer_if_reject", word, text)
    if value and value.isascii() and value.isdigit():  # a time stamp of some pop-before-smtp: OK, even if it says 450
        return Action("ok", word, text)
    if len(word) == 3 and text and word[0] in "45" and word.isascii() and word.isdigit():
        return Action("code", word, text, int(word))
    if word.upper() in ("OK", "RELAY"):
        return Action("ok", word, text)
    return Action("table" if ":" in value else "list", word, value)


def _verdict(
    view: View, table: str, key: str, action: Action, hit: Hit, reply_name: str, reply_class: str
) -> PlainVerdict:
    known = view.known
    prefix = f"<{reply_name}>: {reply_class} rejected: "
    match action.kind:
        case "dunno":
            return DUNNO
        case "ok":
            return PERMIT
        case "reject":
            status, text = split_status(action.text, "7.1")
            return Reject(
                known.access_map_reject_code, _fixed(view, action.text, status, reply_class), prefix + (text or DENIED)
            )
        case "defer":
            status, text = split_status(action.text, "7.1")
            return Reject(
                known.access_map_defer_code, _fixed(view, action.text, status, reply_class), prefix + (text or DENIED)
            )
        case "code":
            status, text = split_status(action.text, "7.1")
            return Reject(action.code, _fixed(view, action.text, status, reply_class), prefix + (text or DENIED))
        case "defer_if_permit":
            status, text = split_status(action.text, "7.1")
            status = _fixed(view, action.text, status, reply_class)
            return DeferIfPermit(known.access_map_defer_code, status, prefix + (text or "Service unavailable"))
        case "defer_if_reject":
            status, text = split_status(action.text, "7.1")
            status = _fixed(view, action.text, status, reply_class)
            return DeferIfReject(known.access_map_defer_code, status, prefix + (text or "Service unavailable"))
        case "note":
            return Note(action.word.lower(), action.text)
        case "hangup":
            return HangUp(action.text)
        case "act":
            return _act(view, table, key, action, hit.rule, reply_name, reply_class)
        case "table":
            view.warn(f"access table {table} has entry with lookup table: {hit.value}")
            view.warn("do not specify lookup tables inside SMTPD access maps")
            view.warn("define a restriction class and specify its name instead.")
            return SERVER_ERROR
        case "list":
            return _list(view, table, hit)


def _list(view: View, table: str, hit: Hit) -> PlainVerdict:
    """The value as a restriction list, compiled once for each line and each list it is reached from."""
    cache_key = (table, hit, view.bare)
    elements = view.known.compiled.get(cache_key)
    if elements is None:
        elements = value_elements(table, hit.value, hit.rule, view.known, view.bare)
        if len(view.known.compiled) < 4096:  # a policy server may answer something new every time
            view.known.compiled[cache_key] = elements
    if not elements:
        view.warn(f"access table {table} entry {hit.value} has empty value")
        return PERMIT
    return Ask(elements, hit.value)


def value_elements(table: str, value: str, rule: Rule, known: Known, bare: str | None) -> tuple[Element, ...]:
    """The restrictions that a value without an action stands for."""
    return parse([(word, rule) for word in _WORDS.findall(value)], table, known, bare)


def _act(
    view: View, table: str, key: str, action: Action, rule: Rule, reply_name: str, reply_class: str
) -> PlainVerdict:
    """A wish for the message, or DUNNO and a warning where none can be had."""
    verb, text, where = action.word, action.text, view.session.where
    if verb != "PREPEND" and view.known.proxy_filter:
        view.warn(f"access table {table}: with smtpd_proxy_filter specified, action {verb} is unavailable")
        return DUNNO
    if verb != "PREPEND" and where == "ETRN":
        view.warn(f"access table {table}: action {verb} is unavailable in smtpd_etrn_restrictions")
        return DUNNO
    if view.session.sender is None:  # nothing to act on yet, and a refused HELO must not mark later mail
        view.warn(
            f"access table {table}: with smtpd_delay_reject=no, action {verb} is always skipped "
            "in Client host or Helo command restrictions"
        )
        return DUNNO
    about = f"<{reply_name}>: {reply_class} "
    wish = Wish(verb, text, rule)
    match verb:
        case "HOLD" | "DISCARD":
            return Act(wish, verb == "DISCARD", about + (text or f"triggers {verb} action"))
        case "FILTER":
            if not text:
                view.warn(f'access table {table} entry "{key}" has FILTER entry without value')
            elif ":" not in text:
                view.warn(f'access table {table} entry "{key}" requires transport:destination')
            else:
                return Act(wish, text=f"{about}triggers FILTER {text}")
        case "REDIRECT" | "BCC":
            if "@" in text:
                return Act(wish, text=f"{about}triggers {verb} {text}")
            view.warn(f'access table {table} entry "{key}" requires user@domain target')
        case _:
            assert verb == "PREPEND"
            if where == "END-OF-MESSAGE":
                view.warn(f"access table {table}: action PREPEND must be used before smtpd_end_of_data_restrictions")
            elif not _HEADER.match(text):
                view.warn(f'access table {table} entry "{key}" requires header: text')
            else:
                return Act(wish)
    return DUNNO


def split_status(text: str, default: str) -> tuple[str, str]:
    """An enhanced status at the front of a text, without its class digit, and the text behind it (dsn_split)."""
    match = _STATUS.match(text)
    return (match[1][1:], text[match.end() :]) if match else (default, text)


def tell_fix(view: View, said: str, status: str, fixed: str, reply_class: str) -> str:
    """The mended status; what was mended is logged, with the class digit that it was written with."""
    if fixed != status:
        view.inform(f"mapping DSN status {said[:1]}.{status} into {reply_class} status {said[:1]}.{fixed}")
    return fixed


def _fixed(view: View, said: str, status: str, reply_class: str) -> str:
    return tell_fix(view, said, status, fix_status(status, reply_class), reply_class)


def fix_status(status: str, reply_class: str) -> str:
    """A status x.1.y made to speak of the address it is about (smtpd_dsn_fix); others as they are."""
    subject, _, detail = status.partition(".")
    if subject != "1":
        return status
    if reply_class == SENDER:
        return "1." + _SENDER_STATUS.get(detail, "0")
    if reply_class == RECIPIENT:
        return "1." + _RECIPIENT_STATUS.get(detail, "0")
    return "0.0"
