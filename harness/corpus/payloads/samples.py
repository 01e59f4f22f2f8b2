"""samples - the test files of the trade, and the smallest program."""

from __future__ import annotations

from harness.corpus.payload import eicar, payloads

payloads.register("eicar")(eicar)


@payloads.register("gtube")
def gtube() -> bytes:
    """The GTUBE line, which every spam filter must call spam (SpamAssassin's gtube(5) test text)."""
    return b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-" + b"UBE-TEST-EMAIL*C.34X"


@payloads.register("note")
def note() -> bytes:
    """A harmless text, long enough that nobody takes it for a name."""
    return b"Nothing to see here: a note of a few words, and then it ends.\n"


@payloads.register("mz")
def mz() -> bytes:
    """A Windows program as far as its first bytes tell: a DOS header, a stub, a PE signature; it does nothing."""
    head = b"MZ" + bytes(58) + (128).to_bytes(4, "little")
    return head + b"This program cannot be run in DOS mode.\r\r\n$".ljust(64, b"\0") + b"PE\0\0" + bytes(256)
