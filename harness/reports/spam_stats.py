"""spam_stats - which blocklist or setting turned mail away, how often, and its share of the whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from harness.log_line import LogLine, read_lines
from harness.rejection import rejection
from harness.report import log_reports

_WORD = re.compile(r": (?:\w+: )?(reject|reject_warning|discard): ", re.ASCII)
_CLEANUP = re.compile(
    r": \w+: (reject|milter-reject|warning|discard): (header|body|mime-error|END-OF-MESSAGE)\b", re.ASCII
)
_CONTENT = {"header": "header_checks", "body": "body_checks", "mime-error": "strict MIME", "END-OF-MESSAGE": "milter"}
_BLOCKED = re.compile(r"blocked using ([^;,\s]+)")
_TABLE = re.compile(r"(?:Client host|Helo command|Sender address|Recipient address|Data command) rejected: ([^;]+)")
_CODES = re.compile(r"^\d{3} (?:\d\.\d{1,3}\.\d{1,3} )?(?:<[^>]*>: )?", re.ASCII)
_PAIR = re.compile(r"(\w+)=(\S+)")

# What the reply says -> the setting that says it.  Source: postconf(5), and smtpd_check.c's texts.
_SETTINGS = (
    ("Recipient address rejected: need fully-qualified address", "reject_non_fqdn_recipient"),
    ("Sender address rejected: need fully-qualified address", "reject_non_fqdn_sender"),
    ("Helo command rejected: need fully-qualified hostname", "reject_non_fqdn_helo_hostname"),
    ("Helo command rejected: invalid ip address", "reject_invalid_helo_hostname"),
    ("Helo command rejected: Invalid name", "reject_invalid_helo_hostname"),
    ("Helo command rejected: Host not found", "reject_unknown_helo_hostname"),
    ("Sender address rejected: Domain not found", "reject_unknown_sender_domain"),
    ("Recipient address rejected: Domain not found", "reject_unknown_recipient_domain"),
    ("Sender address rejected: Malformed DNS server reply", "reject_unknown_sender_domain"),
    ("Recipient address rejected: Malformed DNS server reply", "reject_unknown_recipient_domain"),
    ("Client host rejected: cannot find your reverse hostname", "reject_unknown_reverse_client_hostname"),
    ("Client host rejected: cannot find your hostname", "reject_unknown_client_hostname"),
    ("Relay access denied", "reject_unauth_destination"),
    ("Improper use of SMTP command pipelining", "reject_unauth_pipelining"),
    ("Sender address rejected: User unknown", "reject_unlisted_sender"),
    ("User unknown", "reject_unlisted_recipient"),
    ("Sender address rejected: not logged in", "reject_sender_login_mismatch"),
    ("Message size exceeds fixed limit", "message_size_limit"),
    ("Helo command rejected: Access denied", "check_helo_access"),
    ("Client host rejected: Access denied", "check_client_access"),
    ("Sender address rejected: Access denied", "check_sender_access"),
    ("Recipient address rejected: Access denied", "check_recipient_access"),
    ("Server configuration", "(server configuration error)"),
)


@log_reports.register("spam-stats", "spam_stats")
def spam_stats(lines: Iterable[str], today: date) -> str:
    """Tables of what was rejected or discarded, of what would have been, and of the clients that blocklists named."""
    turned, would, named = Counter[str](), Counter[str](), dict[str, Counter[str]]()
    known: set[str] = set()  # queue ids the content engine spoke of: its own line names the setting
    for line in read_lines(lines):
        word, setting, client = _judged(line)
        if not word or (setting == "milter" and line.about in known):
            continue
        if line.program == "ravmd":
            known.add(line.about)
        (would if word in ("reject_warning", "warning") else turned)[setting] += 1
        if client and setting.startswith("blocklist "):
            named.setdefault(setting.removeprefix("blocklist "), Counter())[client] += 1
    out = [*_table("Mail rejected or discarded, by list and setting", turned)]
    if would:
        out += _table("Mail that would have been rejected (warn_if_reject, WARN)", would)
    for site in sorted(named):
        out += ["", f"Clients that {site} lists", "-" * (len(site) + 19)]
        out += [f"{count:8d}  {client}" for client, count in _ranked(named[site])]
    return "\n".join(out) + "\n"


def _judged(line: LogLine) -> tuple[str, str, str]:
    """(reject, discard, reject_warning or warning; setting; client), all "" for a line that turned nothing away."""
    if line.program == "ravmd":
        return _engine(line)
    if line.program == "cleanup":
        found = _CLEANUP.search(line.whole)
        return (found[1].removeprefix("milter-"), _CONTENT[found[2]], "") if found else ("", "", "")
    word = _WORD.search(line.whole) if line.program in ("smtpd", "postscreen") else None
    found_by_smtpd = rejection(line.whole) if word else None
    if word is None or found_by_smtpd is None:
        return "", "", ""
    return word[1], setting_of(found_by_smtpd.reply), found_by_smtpd.client


def _engine(line: LogLine) -> tuple[str, str, str]:
    """The content engine's line about a mail: refused unread, or for what was found in it."""
    told = dict(_PAIR.findall(line.whole))
    outcome = told.get("outcome", "")
    if outcome not in ("reject", "discard") or "verdict" not in told:
        return "", "", ""
    if told["verdict"] == "refused":
        kind, _, what = told.get("name", "").partition(":")
        return outcome, f"blocklist {what}" if kind == "rbl_site" else f"{kind} {what}", told.get("client", "")
    return outcome, f"{told.get('setting', '-')} ({told.get('name', '-')})", told.get("client", "")


def setting_of(reply: str) -> str:
    """The blocklist or the setting behind a reply; the words of an access table where it has its own."""
    if site := _BLOCKED.search(reply):
        return f"blocklist {site[1]}"
    for words, setting in _SETTINGS:
        if words in reply:
            return setting
    if table := _TABLE.search(reply):
        return f"access table: {table[1].strip()}"
    return _CODES.sub("", reply.partition(";")[0], count=1).strip() or "(no reason)"


def _table(title: str, counts: Counter[str]) -> Iterator[str]:
    yield from ("", title, "-" * len(title), "   count   share  list or setting")
    total = counts.total()
    for name, count in _ranked(counts):
        yield f"{count:8d}  {count / total:6.1%}  {name}"
    yield f"{total:8d}  {1 if total else 0:6.1%}  total"


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
