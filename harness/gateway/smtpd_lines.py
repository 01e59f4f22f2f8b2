"""smtpd_lines - what is said of commands before they are obeyed (smtpd_command_filter, order), and their count."""

from __future__ import annotations

from collections.abc import Mapping

from harness.gateway.lookup import find_key
from harness.gateway.session import Session
from harness.gateway.table import Table
from harness.smtp.reply import Reply, reply

_COUNTED = (
    "helo", "ehlo", "xclient", "xforward", "mail", "rcpt", "bdat", "data", "rset", "noop", "vrfy", "etrn", "quit",
    "unknown",
)  # fmt: skip


def filtered(line: bytes, tables: tuple[Table, ...]) -> tuple[str, str] | None:
    """What smtpd_command_filter was asked about and what it says instead; None where it says nothing.

    Raises TableError.
    """
    key = line.decode("utf-8", "surrogateescape").lstrip(" \t")
    hit = find_key(tables, key)
    return None if hit is None else (key, hit.value)


def no_message_yet(s: Session) -> Reply | None:
    """The reply to DATA or BDAT where no recipient was accepted."""
    if s.recipients:
        return None
    if s.sender is None:
        return reply(503, "5.5.1", "Error: need RCPT command")
    return reply(554, "5.5.1", "Error: no valid recipients")


def command_counts(counts: Mapping[str, int], good: Mapping[str, int]) -> str:
    """`ehlo=1 mail=1/2 commands=2/3`: how many of each command went well, for the last line of a session."""
    pairs = [(name, counts[name], good.get(name, 0)) for name in _COUNTED if counts.get(name)]
    pairs.append(("commands", sum(counts.values()), sum(good.values())))
    return " ".join(f"{name}={total}" if done == total else f"{name}={done}/{total}" for name, total, done in pairs)
