"""signature_store - everything known by its bytes: two built-in test files, and what lies in `rav/signatures/`.

A store never changes: a reload makes another one, and a mail uses one from start to end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.gateway.content.literal_search import LiteralSearch
from harness.gateway.content.magic import kind_of
from harness.gateway.content.signature import Signature
from harness.gateway.content.signature_files import Digests, SignatureFiles, read_signature_files
from harness.gateway.rule import Rule, default_rule

# In pieces, so that no scanner finds the whole in this file or in its byte code.
_EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!", b"$H+H*")
_GTUBE = (b"XJS*C4JDBQADN1.NSBN3*2IDNEN*", b"GTUBE-STANDARD-ANTI-UBE-", b"TEST-EMAIL*C.34X")
_EICAR_END = b" \t\n\r\x1a"
EICAR_NAME = "Eicar-Test"
STALE_AFTER_S = 48 * 3600
_KINDS = {
    "png": "picture", "jpeg": "picture", "gif": "picture", "bmp": "picture", "pe": "pe", "ole": "ole", "elf": "elf",
    "pdf": "pdf",
}  # fmt: skip
_OTHER = ((b"\xca\xfe\xba\xbe", "java"), (b"\xcf\xfa\xed\xfe", "macho"), (b"FWS", "flash"), (b"CWS", "flash"))


def eicar() -> bytes:
    """The 68 bytes of the EICAR test file.  Source: eicar.org, "anti malware testfile"."""
    return b"".join(_EICAR)


def gtube() -> bytes:
    """The line that every bulk mail filter must call bulk.  Source: spamassassin.apache.org/gtube."""
    return b"".join(_GTUBE)


def is_eicar(data: bytes) -> bool:
    """Whether the object is the test file by its definition: at the very start, blanks behind it, 128 bytes at most."""
    return data.startswith(_EICAR[0]) and len(data) <= 128 and data.rstrip(_EICAR_END) == eicar()


@dataclass(slots=True)
class SignatureStore:
    """One generation of signatures."""

    files: SignatureFiles = field(default_factory=SignatureFiles)
    _plain: tuple[LiteralSearch, list[Signature]] | None = None
    _normal: tuple[LiteralSearch, list[Signature]] | None = None

    @property
    def forging(self) -> set[str]:
        """Names known to put a stranger's address into their sender."""
        return self.files.forging

    @property
    def count(self) -> int:
        """How many signatures there are, the built-in one aside."""
        digests = sum(len(by_digest) for by_digest in self.files.digests.values())
        return len(self.files.patterns) + digests + (len(self.files.yara.lines) if self.files.yara else 0)

    def age_s(self, now: float) -> float:
        """Seconds since the youngest file was written; 0 without files."""
        return max(0.0, now - self.files.newest) if self.files.newest else 0.0

    def stale(self, now: float) -> bool:
        """Whether nobody has updated them for two days (the paper's cron does so every day)."""
        return self.age_s(now) > STALE_AFTER_S

    def names_in(self, data: bytes, type: str = "") -> Iterator[tuple[str, Rule]]:
        """The names of what is in an object, with the line of each; `type` is its declared type."""
        if is_eicar(data):
            yield EICAR_NAME, default_rule(f"signature {EICAR_NAME}")
        files = self.files
        if not (files.patterns or files.digests) or (files.good and _by_digest(files.good, data)):
            return
        for signature in self._candidates(data, type):
            if signature.name not in files.ignored:
                yield signature.name, signature.rule
        if files.digests and (known := _by_digest(files.digests, data)) and known[0] not in files.ignored:
            yield known

    def _candidates(self, data: bytes, type: str) -> Iterator[Signature]:
        """The signatures that match, those of the plain bytes first, then those of the normalised text."""
        if self._plain is None or self._normal is None:
            # As clamd does: a text is compared as it is, and in lower case with its blanks drawn together.
            normal = [one for one in self.files.patterns if one.target in ("any", "html", "text")]
            plain = list(self.files.patterns)
            self._plain = LiteralSearch([one.literal for one in plain]), plain
            self._normal = LiteralSearch([one.literal for one in normal]), normal
        targets = targets_of(data, type)
        search, plain = self._plain
        found: set[int] = set()
        for place in search.places_in(data):
            if plain[place].target in targets and plain[place].matches(data):
                found.add(id(plain[place]))
                yield plain[place]
        search, normal = self._normal
        if normal and not targets.isdisjoint(("html", "text")):
            text = b" ".join(data.lower().split())
            for place in search.places_in(text):
                one = normal[place]
                if one.target in targets and id(one) not in found and one.matches(text):
                    yield one

    def disinfected(self, name: str, data: bytes) -> bytes | None:
        """The object without what the signature found; None where no recipe is known."""
        recipe = self.files.recipes.get(name)
        if recipe is None:
            return None
        for signature in self.files.patterns:
            if signature.name == name:
                pieces: list[bytes] = []
                at = 0
                for start, end in signature.spans(data):
                    pieces += (data[at:start], recipe)
                    at = end
                data = b"".join([*pieces, data[at:]])
        return data


def targets_of(data: bytes, type: str) -> set[str]:
    """Every target that an object is of: by its first bytes, by its declared type, and `any`."""
    targets = {"any"}
    kind = _KINDS.get(kind_of(data)) or next((kind for magic, kind in _OTHER if data.startswith(magic)), "")
    if kind:
        targets.add(kind)
    if type.startswith("message/"):
        targets.add("mail")
    if type == "text/html" or b"<html" in data[:1024].lower():
        targets.add("html")
    if b"\0" not in data[:4096]:
        targets.add("text")
    return targets


def load_signatures(directory: Path, shown: str) -> SignatureStore:
    """The store of the built-in and of every file in the directory.  Raises ConfigError (file:line)."""
    return SignatureStore(read_signature_files(directory, shown))


def _by_digest(table: Digests, data: bytes) -> tuple[str, Rule] | None:
    """What the table calls an object of these bytes."""
    for size in (len(data), None):
        if by_digest := table.get(size):
            for kind in ("md5", "sha1", "sha256"):
                if known := by_digest.get(hashlib.new(kind, data, usedforsecurity=False).hexdigest()):
                    return known
    return None
