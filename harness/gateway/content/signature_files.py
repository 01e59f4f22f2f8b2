r"""signature_files - read `rav/signatures/`: ClamAV's text formats, YARA rules, and recipes and flags of our own.

*.ndb            NAME:TARGET:OFFSET:HEX[:MIN[:MAX]]          *.hdb *.hsb  DIGEST:SIZE:NAME  (MD5; SHA-1, SHA-256)
*.fp *.sfp       DIGEST:SIZE:NAME of what is known good      *.ign2       names that do not count
*.yar *.yara     rules                                       *.txt        as below, TYPE a word instead of a number

NAME:TYPE:OFFSET:HEX        TYPE any | pe | ole | html | mail | picture | elf | text | macho | pdf | flash | java
NAME:sha256:SIZE:HEX        the whole object
NAME:clean:*:HEX            how to disinfect: what replaces each match of the pattern of that name
NAME:flag:*:forges_sender   this one puts a stranger's address into its sender
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import ConfigError, did_you_mean
from harness.gateway.content.signature import Signature, read_offset, read_pattern
from harness.gateway.content.yara_rules import YaraRules
from harness.gateway.rule import Rule

# ClamAV's numbers (signatures.pdf, "Target type").
_TARGETS = {"0": "any", "1": "pe", "2": "ole", "3": "html", "4": "mail", "5": "picture", "6": "elf", "7": "text",
            "9": "macho", "10": "pdf", "11": "flash", "12": "java"}  # fmt: skip
_TYPES = (*_TARGETS.values(), "sha256", "clean", "flag")
_DIGESTS = {32: "md5", 40: "sha1", 64: "sha256"}
Digests = dict[int | None, dict[str, tuple[str, Rule]]]
"""Size (None: any) -> digest in hexadecimal -> (name, line)."""


@dataclass(slots=True)
class SignatureFiles:
    """What the files hold."""

    patterns: list[Signature] = field(default_factory=list)
    digests: Digests = field(default_factory=dict)
    good: Digests = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    recipes: dict[str, bytes] = field(default_factory=dict)
    forging: set[str] = field(default_factory=set)
    yara: YaraRules | None = None
    newest: float = 0.0  # when the youngest file was written, seconds since 1970; 0 without files


def read_signature_files(directory: Path, shown: str) -> SignatureFiles:
    """Every file of the directory (which need not exist), all or nothing.

    `shown` is how errors and rules call the directory.  Raises ConfigError (file:line) at the first mistake; a file
    whose name says no format is one, since nobody would notice that it is not read.
    """
    found = SignatureFiles()
    rules: dict[str, str] = {}
    for file in sorted(directory.glob("*")):
        if file.name.startswith((".", "README")) or file.is_dir():
            continue
        name = f"{shown}/{file.name}"
        if file.suffix not in _READERS and file.suffix not in (".yar", ".yara"):
            known = (*_READERS, ".yar", ".yara")
            raise ConfigError(
                f"no signature file{did_you_mean(file.suffix, known)}; there are {', '.join(known)}", file=name
            )
        text = file.read_text("utf-8", "replace")
        found.newest = max(found.newest, file.stat().st_mtime)
        if file.suffix not in _READERS:
            rules[name] = text
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if (line := line.strip()) and not line.startswith("#"):
                rule = Rule(name, number, line)
                try:
                    _READERS[file.suffix](found, line, rule)
                except ValueError as error:
                    raise ConfigError(f"bad signature: {error}", file=name, line=number) from None
    known_names = {signature.name for signature in found.patterns}
    for recipe in found.recipes:
        if recipe not in known_names:
            said = f"a recipe for {recipe!r}, but no pattern of that name{did_you_mean(recipe, known_names)}"
            raise ConfigError(said, file=shown)
    if rules:
        found.yara = YaraRules(rules)
    return found


def _ndb(found: SignatureFiles, line: str, rule: Rule) -> None:
    pieces = line.split(":")
    if not 4 <= len(pieces) <= 6:
        raise ValueError(f"NAME:TARGET:OFFSET:HEX wanted, {len(pieces)} fields found")
    name, target, where, what = pieces[:4]
    if target not in _TARGETS:
        raise ValueError(f"unknown target {target!r}; there are {', '.join(_TARGETS)}")
    _pattern(found, name, _TARGETS[target], where, what, rule)


def _hash(found: SignatureFiles, line: str, rule: Rule) -> None:
    _digest(found.digests, line, rule)


def _good(found: SignatureFiles, line: str, rule: Rule) -> None:
    _digest(found.good, line, rule)


def _ignored(found: SignatureFiles, line: str, rule: Rule) -> None:
    found.ignored.add(line.partition(":")[0])


def _own(found: SignatureFiles, line: str, rule: Rule) -> None:
    pieces = line.split(":")
    if len(pieces) != 4:
        raise ValueError(f"NAME:TYPE:OFFSET:HEX wanted, {len(pieces)} fields found")
    name, kind, where, what = pieces
    match kind:
        case "sha256":
            _digest(found.digests, f"{what}:{where}:{name}", rule, "sha256")
        case "clean":
            found.recipes[name] = bytes.fromhex(what)
        case "flag":
            if what != "forges_sender":
                raise ValueError(f"unknown flag {what!r}{did_you_mean(what, ('forges_sender',))}")
            found.forging.add(name)
        case _ if kind in _TYPES:
            _pattern(found, name, kind, where, what, rule)
        case _:
            raise ValueError(f"unknown type {kind!r}{did_you_mean(kind, _TYPES)}")


def _pattern(found: SignatureFiles, name: str, target: str, where: str, what: str, rule: Rule) -> None:
    pieces, literal = read_pattern(what)
    found.patterns.append(Signature(name, target, read_offset(where), pieces, literal, rule))


def _digest(table: Digests, line: str, rule: Rule, wanted: str = "") -> None:
    pieces = line.split(":")
    if len(pieces) < 3:
        raise ValueError(f"DIGEST:SIZE:NAME wanted, {len(pieces)} fields found")
    digest, size, name = pieces[:3]
    kind = _DIGESTS.get(len(digest))
    if kind is None or (wanted and kind != wanted):
        raise ValueError("a SHA-256 digest has 64 hexadecimal digits, SHA-1 has 40, MD5 has 32")
    int(digest, 16)
    if size != "*" and not size.isdigit():
        raise ValueError(f"the size is a number of bytes or *, not {size!r}")
    table.setdefault(None if size == "*" else int(size), {})[digest.lower()] = (name, rule)


_READERS: dict[str, Callable[[SignatureFiles, str, Rule], None]] = {
    ".ndb": _ndb, ".hdb": _hash, ".hsb": _hash, ".fp": _good, ".sfp": _good, ".ign2": _ignored, ".txt": _own,
}  # fmt: skip
