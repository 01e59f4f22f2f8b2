"""xclient - attributes of the XCLIENT command: NAME=... ADDR=... in xtext (Postfix XCLIENT_README, RFC 3461 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address

from harness.smtp.hostname import valid_ipv4, valid_ipv6

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

    [UNAVAILABLE] and [TEMPUNAVAIL] stay as they are, in upper case, and an address has its IPV6: still.  Values are
    not checked further.
    """
    found: dict[str, str] = {}
    for word in words:
        said, _, coded = word.partition("=")
        name = said.upper()
        if not coded:
            return "Error: attribute=value expected"
        if name not in NAMES:
            return f"Bad XCLIENT attribute name: {said}"
        value = xtext_unquote(coded)
        if value is None:
            return f"Bad {name} syntax: {coded}"
        found[name] = value.upper() if value.upper() in (UNAVAILABLE, TEMPUNAVAIL) else value
    return found


def format_command(attributes: Mapping[str, str]) -> str:
    """The XCLIENT command line (no line end) that says this; an IPv6 address gets its prefix, the rest xtext."""
    words = ["XCLIENT"]
    for name, value in attributes.items():
        if name in ("ADDR", "DESTADDR") and ":" in value:
            value = _IPV6 + value
        words.append(f"{name}={value if value in (UNAVAILABLE, TEMPUNAVAIL) else xtext_quote(value)}")
    return " ".join(words)


def normal_address(value: str, ipv6: bool = True) -> str | None:
    """The address as Postfix writes it, without IPV6:; None if it is none, or an IPv6 one where `ipv6` is no.

    An IPv4 address in an IPv6 one is what it stands for.  Octets that begin with 0 are octal, as getaddrinfo(3) has
    it.  Source: normalize_mailhost_addr.c.
    """
    is_ipv6, bare = value[: len(_IPV6)].upper() == _IPV6, value[len(_IPV6) :]
    if not (valid_ipv6(bare) if is_ipv6 else valid_ipv4(value)):
        return None
    try:
        if not is_ipv6:
            octets = value.split(".")
            return str(IPv4Address(bytes(int(octet, 8 if octet[0] == "0" else 10) for octet in octets)))
        address = IPv6Address(bare)
    except ValueError:
        return None
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if not ipv6:
        return None
    is_compatible = 0xFFFF < int(address) <= 0xFFFFFFFF  # inet_ntop(3) still writes those with dots
    return f"::{IPv4Address(int(address))}" if is_compatible else str(address)
