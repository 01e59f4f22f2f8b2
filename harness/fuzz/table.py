"""table - draw lookup tables of every type: their keys, what they say, and the files that main.cf names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.fuzz.access import draw_access
from harness.fuzz.draw import Draw, chance, pick, several, weighted
from harness.fuzz.vocabulary import (
    CLIENT_NAMES,
    CLIENTS,
    DOMAINS,
    ETRN_DOMAINS,
    HELOS,
    HOST_ADDRESSES,
    HOSTS,
    LOGINS,
    NETWORKS,
    USERS,
)

Value = Callable[[Draw], str]

_TYPES = {
    "inline": 10, "texthash": 8, "hash": 2, "regexp": 5, "pcre": 5, "cidr": 3, "static": 3, "unionmap": 1, "pipemap": 1,
    "fail": 1, "missing": 1, "randmap": 1, "inline regexp": 1, "lmdb": 1,
}  # fmt: skip
_PATTERNS = (
    "/^/", "/./", "/test$/", "/^unknown$/", r"/^(.*)@ok\.test$/", r"/\.two\.test$/", "/^user/", "!/@/", "/^<>$/",
    r"/^[0-9.]+$/", "/MAIL/", "/^192\\./", r"/(news|two)/", "/hosts/",
)  # fmt: skip
_NETS = (
    "192.0.2.0/24",
    "198.51.100.0/25",
    "!192.0.2.8",
    "203.0.113.25",
    "2001:db8::/32",
    "10.0.0.0/8",
    "192.0.2.8/24",
    "0.0.0.0/0",
)


@dataclass
class Files:
    """The tables that lie beside main.cf, as they are drawn."""

    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, kind: str, lines: Sequence[str]) -> str:
        """A new file; gives its path as main.cf writes it."""
        name = f"{kind}{len(self.lines) + 1}"
        self.lines[name] = tuple(lines)
        return f"/etc/postfix/{name}"


def keys_of(subject: str) -> tuple[str, ...]:
    """Keys that a table about client, helo, sender, recipient, server, etrn or login may meet."""
    parents = tuple(domain for domain in (*DOMAINS, *(f".{domain}" for domain in DOMAINS), "test", ".test"))
    match subject:
        case "client":
            return (*CLIENTS, *CLIENT_NAMES.values(), *NETWORKS, *parents, "unknown")
        case "helo":
            return (*(helo for helo in HELOS if " " not in helo), *parents, "a?b")
        case "sender" | "recipient":
            users = tuple(f"{user}@{domain}" for user in USERS[:6] for domain in DOMAINS[:9])
            return (*users, *(f"{user}@" for user in USERS), *parents, "<>", "postmaster@gw.test")
        case "server":
            return (*HOSTS, *HOST_ADDRESSES.values(), *NETWORKS, "hosts.test", "nowhere.hosts.test", *parents)
        case "etrn":
            return (*ETRN_DOMAINS, *parents)
        case "login":
            return LOGINS
    raise AssertionError(subject)


def draw_access_table(draw: Draw, files: Files, subject: str) -> str:
    """An access table about this subject."""
    return draw_table(draw, files, keys_of(subject), draw_access)


def draw_table(draw: Draw, files: Files, keys: Sequence[str], value: Value) -> str:
    """A table of any type, over these keys."""
    kind = weighted(draw, _TYPES)
    match kind:
        case "static":
            return "static:{%s}" % _braced(value(draw))
        case "fail":
            return "fail:out-of-order"
        case "missing":
            return f"{pick(draw, ('hash', 'texthash', 'regexp', 'nosuch'))}:/etc/postfix/missing"
        case "inline":
            return _inline(draw, keys, value)
        case "inline regexp":
            rules = ", ".join("{%s %s}" % (_inlined(pick(draw, _PATTERNS)), _braced(value(draw))) for _ in range(2))
            return f"{pick(draw, ('regexp', 'pcre'))}:{{{rules}}}"
        case "unionmap" | "pipemap":
            first = _inline(draw, keys, value)
            return f"{kind}:{{{first}, {pick(draw, ('static:DUNNO', 'inline:{ok=reject}', 'static:OK'))}}}"
        case "randmap":
            return "randmap:{%s}" % pick(draw, ("OK", "REJECT", "DUNNO"))
        case "regexp" | "pcre":
            return f"{kind}:{files.add(kind, _rules(draw, value))}"
        case "cidr":
            nets = several(draw, _NETS, 1, 4)
            return f"cidr:{files.add('cidr', [f'{net}  {value(draw)}' for net in nets])}"
        case _:
            chosen = several(draw, keys, 3, 24)
            if chance(draw, 4):
                chosen.append(chosen[0])  # a texthash with a key twice is of no use at all
            return f"{kind}:{files.add(kind, [f'{_source_key(key)}  {value(draw)}' for key in chosen])}"


def _rules(draw: Draw, value: Value) -> list[str]:
    lines: list[str] = []
    for pattern in several(draw, _PATTERNS, 2, 6):
        said = value(draw)
        if "(" in pattern and chance(draw, 30):
            said = f"{said} $1"
        lines.append(f"{pattern}  {said}".rstrip() if not chance(draw, 3) else pattern)
    if chance(draw, 20):
        lines = [f"if {pick(draw, ('/test/', '!/ok/', '/@/'))}", *lines, "endif"]
    return lines


def _inline(draw: Draw, keys: Sequence[str], value: Value) -> str:
    chosen = [key for key in several(draw, keys, 2, 16) if not set(key) & set("{}= \t,#")]
    pairs = ", ".join("{%s = %s}" % (key, _braced(value(draw))) for key in chosen or ["none.test"])
    return f"inline:{{ {pairs} }}"


def _braced(value: str) -> str:
    """A value that can stand in braces in main.cf, where `$` begins a name."""
    return re.sub(r"[{}]", "", value).replace("$", "$$").replace("\t", " ").strip() or "DUNNO"


def _inlined(pattern: str) -> str:
    return pattern.replace("$", "$$")


def _source_key(key: str) -> str:
    return f'"{key}"' if key.startswith("#") else key


def draw_list_of_users(draw: Draw, files: Files, domains: Sequence[str]) -> str:
    """A table of addresses that there are: local_recipient_maps and relatives."""
    keys = [f"{user}@{domain}" for user in USERS for domain in domains] + [f"@{domains[0]}", "user", "info"]
    chosen = list({key.lower(): key for key in several(draw, keys, 1, 8)}.values())  # smtpd refuses one given twice
    if chance(draw, 70):
        return "inline:{ %s }" % ", ".join("{%s = x}" % key for key in chosen)
    return f"texthash:{files.add('users', [f'{key}  x' for key in chosen])}"
