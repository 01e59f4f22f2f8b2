"""xclient - attributes of the XCLIENT command: NAME=... ADDR=... in xtext (Postfix XCLIENT_README, RFC 3461 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

UNAVAILABLE = "[UNAVAILABLE]"  # the attribute does not exist
TEMPUNAVAIL = "[TEMPUNAVAIL]"  # it could not be found out now

NAMES = ("NAME", "REVERSE_NAME", "ADDR", "PORT", "HELO", "PROTO", "LOGIN", "DESTADDR", "DESTPORT")

_PROTECTED = re.compile(rb"[^!-*,-<>-~]")  # all but printable ASCII without + and =
_CODED = re.compile(r"\+([0-9A-Fa-f]{2})")
_IPV6 = "IPV6:"


def xtext_quote(text: str) -> str:
    """Text as xtext: +XX for whatever is not printable ASCII, and for + and =."""
    quoted = _PROTECTED.sub(lambda match: b"+%02X" % match[0][0], text.encode("utf-8", "surrogateescape"))
    return quoted.decode("ascii")


def xtext_unquote(text: str) -> str | None:
    """The text that this xtext stands for; None where a + is not followed by two hexadecimal digits."""
    if "+" not in text:
        return text
    if _CODED.sub("", text).count("+"):
        return None
    data = re.sub(
        rb"\+([0-9A-Fa-f]{2})", lambda match: bytes((int(match[1], 16),)), text.encode("utf-8", "surrogateescape")
    )
    return data.decode("utf-8", "surrogateescape")


def parse_attributes(words: Iterable[str]) -> dict[str, str] | str:
    """NAME=value words as a mapping of upper-case names to plain values; or what is wrong, in Postfix's words.

    An address loses its IPV6: prefix.  [UNAVAILABLE] and [TEMPUNAVAIL] stay as they are, in upper case.  Values are
    not checked further.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, coded = word.partition("=")
        name = name.upper()
        if not equals or not name:
            return f"Error: attribute=value expected in {word}"
        value = xtext_unquote(coded)
        if value is None:
            return f"Bad attribute value: {coded}"
        if name not in NAMES:
            return f"Bad {name} attribute name"
        if value.upper() in (UNAVAILABLE, TEMPUNAVAIL):
            value = value.upper()
        elif name in ("ADDR", "DESTADDR") and value[:5].upper() == _IPV6:
            value = value[5:]
        found[name] = value
    return found


def format_command(attributes: Mapping[str, str]) -> str:
    """The XCLIENT command line (no line end) that says this; an IPv6 address gets its prefix, the rest xtext."""
    words = ["XCLIENT"]
    for name, value in attributes.items():
        if name in ("ADDR", "DESTADDR") and ":" in value:
            value = _IPV6 + value
        words.append(f"{name}={value if value in (UNAVAILABLE, TEMPUNAVAIL) else xtext_quote(value)}")
    return " ".join(words)
