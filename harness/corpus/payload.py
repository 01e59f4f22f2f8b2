"""payload - the content of attachments: harmless test files, assembled at run time so that none lies in the tree.

Kinds: eicar, gtube, mz, text, random:SIZE, zeros:SIZE, file:NAME, corpus:NAME.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from harness.errors import ScenarioError, did_you_mean


def eicar() -> bytes:
    """The EICAR anti-malware test file, 68 bytes, put together from halves (eicar.org)."""
    return (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTI" + "VIRUS-TEST-FILE!$H+H*").encode()


def gtube() -> bytes:
    """The GTUBE line, which every spam filter must call spam (SpamAssassin's gtube(5) test text)."""
    return b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-" + b"UBE-TEST-EMAIL*C.34X"


def mz() -> bytes:
    """A Windows program as far as its first bytes tell: a DOS header, a stub, a PE signature; it does nothing."""
    head = b"MZ" + bytes(58) + (128).to_bytes(4, "little")
    return head + b"This program cannot be run in DOS mode.\r\r\n$".ljust(64, b"\0") + b"PE\0\0" + bytes(256)


_PLAIN: dict[str, Callable[[], bytes]] = {"eicar": eicar, "gtube": gtube, "mz": mz}
_SIZED: dict[str, Callable[[int, Random], bytes]] = {
    "random": lambda size, random: random.randbytes(size),
    "zeros": lambda size, _: bytes(size),
    "text": lambda size, _: (b"The quick brown fox jumps over the lazy dog.\r\n" * (size // 46 + 1))[:size],
}


def payload(kind: str, random: Random, read: Callable[[str], bytes]) -> bytes:
    """The bytes that `kind` stands for; `read` gives those of a file.  Raises ScenarioError."""
    word, colon, rest = kind.partition(":")
    if not colon and word in _PLAIN:
        return _PLAIN[word]()
    if colon and word in _SIZED:
        if not rest.isdigit():
            raise ScenarioError(f"payload {kind!r}: the size is a number of bytes")
        return _SIZED[word](int(rest), random)
    if colon and word == "file":
        return read(rest)
    if colon and word == "corpus":
        return read(kind)
    known = [*_PLAIN, *(f"{name}:SIZE" for name in _SIZED), "file:NAME", "corpus:NAME"]
    raise ScenarioError(f"no payload {kind!r}{did_you_mean(kind, known)}; there are {', '.join(known)}")
