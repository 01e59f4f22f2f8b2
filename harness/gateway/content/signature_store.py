r"""signature_store - named byte patterns: two built-in test files, and the text files in `rav/signatures/`.

A line is one of (blank lines and `#` lines aside):

    NAME:TYPE:OFFSET:HEX        TYPE any | pe | html | mail | text, OFFSET `*`, N, or EOF-N; `??` `*` `{n-m}` in HEX
    NAME:sha256:SIZE:HEX        the whole object
    NAME:clean:*:HEX            how to disinfect: what replaces each match of the pattern of that name
    NAME:flag:*:forges_sender   this one puts a stranger's address into its sender
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import ConfigError, did_you_mean
from harness.gateway.rule import Rule, default_rule

_TYPES = ("any", "pe", "html", "mail", "text", "sha256", "clean", "flag")
_WILD = re.compile(r"\?\?|\*|\{(\d*)-(\d*)\}|\{(\d+)\}|[0-9a-fA-F]{2}")

# In pieces, so that no scanner finds the whole in this file or in its byte code.
_EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!", b"$H+H*")
_GTUBE = (b"XJS*C4JDBQADN1.NSBN3*2IDNEN*", b"GTUBE-STANDARD-ANTI-UBE-", b"TEST-EMAIL*C.34X")
_EICAR_END = b" \t\n\r\x1a"
EICAR_NAME = "Eicar-Test"


def eicar() -> bytes:
    """The 68 bytes of the EICAR test file.  Source: eicar.org, "anti malware testfile"."""
    return b"".join(_EICAR)


def gtube() -> bytes:
    """The line that every bulk mail filter must call bulk.  Source: spamassassin.apache.org/gtube."""
    return b"".join(_GTUBE)


def is_eicar(data: bytes) -> bool:
    """Whether the object is the test file by its definition: at the very start, blanks behind it, 128 bytes at most."""
    return data.startswith(_EICAR[0]) and len(data) <= 128 and data.rstrip(_EICAR_END) == eicar()


@dataclass(frozen=True, slots=True)
class Signature:
    """One pattern.  `offset` None: anywhere; negative: from the end."""

    name: str
    type: str
    offset: int | None
    pattern: re.Pattern[bytes]
    literal: bytes  # a run of fixed bytes in the pattern, to look for first
    rule: Rule

    def matches(self, data: bytes) -> bool:
        """Whether it is in the object."""
        if self.literal not in data:
            return False
        if self.offset is None:
            return self.pattern.search(data) is not None
        at = self.offset if self.offset >= 0 else len(data) + self.offset
        return at >= 0 and self.pattern.match(data, at) is not None


@dataclass(slots=True)
class SignatureStore:
    """Everything known: patterns, digests by size, recipes and flags by name."""

    patterns: list[Signature] = field(default_factory=list)
    digests: dict[int, dict[str, tuple[str, Rule]]] = field(default_factory=dict)
    recipes: dict[str, bytes] = field(default_factory=dict)
    forging: set[str] = field(default_factory=set)

    def names_in(self, data: bytes, type: str = "") -> Iterable[tuple[str, Rule]]:
        """The names of what is in an object, with the line of each."""
        if is_eicar(data):
            yield EICAR_NAME, default_rule(f"signature {EICAR_NAME}")
        for signature in self.patterns:
            if _applies(signature.type, data, type) and signature.matches(data):
                yield signature.name, signature.rule
        if (sized := self.digests.get(len(data))) and (known := sized.get(hashlib.sha256(data).hexdigest())):
            yield known

    def disinfected(self, name: str, data: bytes) -> bytes | None:
        """The object without what the signature found; None where no recipe is known."""
        recipe = self.recipes.get(name)
        if recipe is None:
            return None
        for signature in self.patterns:
            if signature.name == name:
                data = signature.pattern.sub(lambda _: recipe, data)
        return data


def load_signatures(directory: Path, shown: str) -> SignatureStore:
    """The store of the built-in and of every `*.txt` in the directory (which need not exist).

    `shown` is how errors and rules call the directory.  Raises ConfigError (file:line).
    """
    store = SignatureStore()
    for file in sorted(directory.glob("*.txt")):
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if (text := line.strip()) and not text.startswith("#"):
                _add(store, text, Rule(f"{shown}/{file.name}", number, text))
    known = {signature.name for signature in store.patterns}
    for name in store.recipes:
        if name not in known:
            raise ConfigError(
                f"a recipe for {name!r}, but no pattern of that name{did_you_mean(name, known)}", file=shown
            )
    return store


def _add(store: SignatureStore, text: str, rule: Rule) -> None:
    try:
        name, kind, where, what = text.split(":")
        if kind not in _TYPES:
            raise ValueError(f"unknown type {kind!r}{did_you_mean(kind, _TYPES)}")
        if kind == "sha256":
            if len(what) != 64 or int(what, 16) < 0:
                raise ValueError("a SHA-256 digest has 64 hexadecimal digits")
            store.digests.setdefault(int(where), {})[what.lower()] = (name, rule)
        elif kind == "clean":
            store.recipes[name] = bytes.fromhex(what)
        elif kind == "flag":
            if what != "forges_sender":
                raise ValueError(f"unknown flag {what!r}{did_you_mean(what, ('forges_sender',))}")
            store.forging.add(name)
        else:
            pattern, literal = _compile(what)
            store.patterns.append(Signature(name, kind, _offset(where), pattern, literal, rule))
    except ValueError as error:
        raise ConfigError(f"bad signature: {error}", file=rule.file, line=rule.line) from None


def _offset(where: str) -> int | None:
    if where == "*":
        return None
    return -int(where[4:]) if where.startswith("EOF-") else int(where)


def _compile(hexadecimal: str) -> tuple[re.Pattern[bytes], bytes]:
    """The pattern, and its longest run of fixed bytes.  Raises ValueError."""
    out: list[bytes] = []
    runs = [bytearray()]
    at = 0
    while at < len(hexadecimal):
        match = _WILD.match(hexadecimal, at)
        if not match:
            raise ValueError(f"neither hexadecimal nor a wildcard: {hexadecimal[at : at + 8]!r}")
        at = match.end()
        token = match[0]
        if token[0] in "?*{":
            runs.append(bytearray())
        if token == "??":
            out.append(b".")
        elif token == "*":
            out.append(b".*?")
        elif match[3]:
            out.append(b".{%d}" % int(match[3]))
        elif token[0] == "{":
            out.append(f".{{{match[1] or 0},{match[2]}}}?".encode())
        else:
            byte = bytes.fromhex(token)
            runs[-1] += byte
            out.append(re.escape(byte))
    literal = bytes(max(runs, key=len))
    if len(literal) < 2:
        raise ValueError("a pattern needs two fixed bytes in a row")
    return re.compile(b"".join(out), re.DOTALL), literal


def _applies(kind: str, data: bytes, type: str) -> bool:
    match kind:
        case "pe":
            return data.startswith(b"MZ")
        case "html":
            return type == "text/html" or b"<html" in data[:1024].lower()
        case "mail":
            return type.startswith("message/")
        case "text":
            return b"\0" not in data[:4096]
    return True
