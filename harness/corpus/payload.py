"""payload - contract: a word -> the content of an attachment; harmless test files, assembled at run time.

Words: those of payloads/ (eicar, gtube, mz, ...), text:SIZE, random:SIZE, zeros:SIZE, file:NAME, corpus:NAME.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from harness.errors import ScenarioError, did_you_mean
from harness.registry import Registry

Payload = Callable[[], bytes]

payloads: Registry[Payload] = Registry("payload", "harness.corpus.payloads")

_SIZED: dict[str, Callable[[int, Random], bytes]] = {
    "random": lambda size, random: random.randbytes(size),
    "zeros": lambda size, _: bytes(size),
    "text": lambda size, _: (b"The quick brown fox jumps over the lazy dog.\r\n" * (size // 46 + 1))[:size],
}


def eicar() -> bytes:
    """The EICAR anti-malware test file, 68 bytes, put together from halves (eicar.org)."""
    return (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTI" + "VIRUS-TEST-FILE!$H+H*").encode()


def payload(kind: str, random: Random, read: Callable[[str], bytes]) -> bytes:
    """The bytes that `kind` stands for; `read` gives those of a file.  Raises ScenarioError."""
    word, colon, rest = kind.partition(":")
    if not colon and (plain := payloads.get(word)) is not None:
        return plain()
    if colon and word in _SIZED:
        if not (rest.isascii() and rest.isdigit()):
            raise ScenarioError(f"payload {kind!r}: the size is a number of bytes")
        return _SIZED[word](int(rest), random)
    if colon and word == "file":
        return read(rest)
    if colon and word == "corpus":
        return read(kind)
    known = [*payloads, *(f"{name}:SIZE" for name in _SIZED), "file:NAME", "corpus:NAME"]
    raise ScenarioError(f"no payload {kind!r}{did_you_mean(kind, known)}; there are {', '.join(known)}")
