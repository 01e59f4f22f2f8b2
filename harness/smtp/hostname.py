"""hostname - which host names, addresses and address literals Postfix takes for valid (valid_hostname.c).

A name has letters, digits, hyphens and (grudgingly) underscores in labels of 1 to 63, at most 255 characters in
all, and is not all digits.  A trailing dot makes it invalid.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=[0-9.-]*[A-Za-z_]){_LABEL}(?:\.{_LABEL})*")
_OCTET = re.compile(r"0*[0-9]{1,3}")
_HEX = re.compile(r"[0-9A-Fa-f]{1,4}")


@lru_cache(maxsize=4096)  # a session asks of the same few names at every step
def valid_hostname(name: str) -> bool:
    """Is this a host or domain name?"""
    return len(name) <= 255 and _NAME.fullmatch(name) is not None


def is_fqdn(name: str) -> bool:
    """Is this a fully-qualified name, one trailing dot forgiven?  Source: reject_non_fqdn_hostname in smtpd_check.c."""
    name = name.removesuffix(".")
    return "." in name and valid_hostname(name)


def valid_hostaddr(text: str) -> bool:
    """Is this a bare IPv4 or IPv6 address?"""
    return valid_ipv6(text) if ":" in text else valid_ipv4(text)


@lru_cache(maxsize=4096)
def valid_ipv4(text: str) -> bool:
    """Four decimal octets; 0.0.0.0 is an address, 0.1.2.3 is not.  Leading zeros pass."""
    octets = text.split(".")
    if len(octets) != 4 or not all(_OCTET.fullmatch(octet) and int(octet) <= 255 for octet in octets):
        return False
    return int(octets[0]) != 0 or not text.strip("0.")


def valid_ipv6(text: str) -> bool:
    """Three to eight hexadecimal groups, one run of them left out as `::`, perhaps an IPv4 address as the last two.

    As lenient as Postfix: fewer than eight groups pass without `::`, too.
    """
    groups = text.split(":")
    if not 3 <= len(groups) <= 8 or text.count("::") > 1 or ":::" in text:
        return False
    if (groups[0] == "" and groups[1] != "") or (groups[-1] == "" and groups[-2] != ""):
        return False
    if "." in groups[-1] and (len(groups) > 7 or not valid_ipv4(groups.pop())):
        return False
    return all(group == "" or _HEX.fullmatch(group) for group in groups)


def valid_literal(text: str) -> bool:
    """Is this an address literal, brackets included: [192.0.2.1] or [IPv6:2001:db8::1]?"""
    if len(text) < 3 or text[0] != "[" or text[-1] != "]":
        return False
    inner = text[1:-1]
    return valid_ipv6(inner[5:]) if inner[:5].lower() == "ipv6:" else valid_ipv4(inner)


def valid_domain(text: str) -> bool:
    """May this stand behind an @: a host name or an address literal?"""
    return valid_literal(text) if text[:1] == "[" else valid_hostname(text)
