"""address - mail addresses as smtpd takes them from MAIL and RCPT: paths, local parts, quoting (RFC 5321 4.1.2).

Two forms, in Postfix's words: *external* is how an address stands on the wire ("a b"@ok.test), *internal* is
what it means (a b@ok.test).  Sources: extract_addr() in smtpd.c, tok822_parse.c, quote_822_local.c.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from harness.smtp.mailbox_tokens import group_addresses, internal_form

# Nothing in here that tok822 could take for more than one address: its text is its internal form.
_PLAIN = re.compile(r'[^\s"\\()<>\[\],;:]*')
_ATOM = r'[^\x00-\x20\x7f()<>@,;:\\".\[\]]+'
_DOT_STRING = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'["\\\r]')
_QUOTING = re.compile(r'\\(.)|["\\]', re.DOTALL)


class Path(NamedTuple):
    """An address as received: `mailbox` in internal form, "" for the null path, None where the syntax is illegal."""

    mailbox: str | None
    route: str = ""  # the source route before it (@a,@b:), which is stripped

    @property
    def ok(self) -> bool:
        """Is this an address at all?"""
        return self.mailbox is not None


ILLEGAL = Path(None)


@lru_cache(maxsize=1024)  # few people write to many, and at a gateway the same ones are written to all the time
def parse_path(text: str, strict: bool = False) -> Path:
    """The one address in the argument of MAIL FROM: or RCPT TO:, dug out of whatever stands around it.

    `strict` is strict_rfc821_envelopes: nothing but an address in angle brackets will do.  The null path gives "";
    whether that is welcome is the caller's affair.  Source: extract_addr() in smtpd.c.
    """
    bracketed = text[:1] == "<" and text[-1:] == ">" and len(text) > 1
    inner = text[1:-1] if bracketed else text
    route = ""
    if inner[:1] == "@" and ":" in inner:
        route, _, inner = inner.partition(":")
        route += ":"
    if _PLAIN.fullmatch(inner):
        mailbox, addresses, other = inner, 1, 0
    else:
        found, other = group_addresses(inner)
        addresses = len(found)
        mailbox = internal_form(found[-1]) if found else ""
    if addresses > 1 or (strict and (other or text[:1] != "<" or mailbox[:1] == "@")):
        return Path(None, route)
    return Path(mailbox, route)


def split_address(mailbox: str) -> tuple[str, str | None]:
    """(local part, domain) of an address in internal form; the domain is None where there is no @."""
    local, at, domain = mailbox.rpartition("@")
    return (local, domain) if at else (mailbox, None)


@lru_cache(maxsize=1024)  # every line of the log about a mail names the same few
def quote_address(mailbox: str) -> str:
    """The external form: the local part quoted where it must be.  8-bit characters pass.  The null address stays ""."""
    if not mailbox:
        return ""
    local, domain = split_address(mailbox)
    quoted = quote_local(local)
    return quoted if domain is None else f"{quoted}@{domain}"


def unquote_address(text: str) -> str:
    """The internal form of an external address: quotes and backslashes of the local part gone."""
    if '"' not in text and "\\" not in text:
        return text
    local, domain = split_address(text)
    local = _QUOTING.sub(lambda match: match[1] or "", local)
    return local if domain is None else f"{local}@{domain}"


def quote_local(local: str) -> str:
    """A local part as it goes on the wire: a dot-string as it is, anything else in quotes."""
    if _DOT_STRING.fullmatch(local):
        return local
    return '"' + _QUOTED.sub(lambda match: "\\" + match[0], local) + '"'
