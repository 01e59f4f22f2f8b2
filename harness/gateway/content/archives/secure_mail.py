"""secure_mail - S/MIME and PGP: what is signed is read through, what is encrypted is told: nobody here has the key."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})
_ARMOR = b"-----BEGIN PGP MESSAGE-----"
# Object identifiers of PKCS #7 (RFC 5652), as DER writes them.
_SIGNED, _ENVELOPED = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010703")
_AUTH_ENVELOPED, _COMPRESSED = bytes.fromhex("060b2a864886f70d0109100117"), bytes.fromhex("060b2a864886f70d0109100109")
_KINDS = (_SIGNED, _ENVELOPED, _AUTH_ENVELOPED, _COMPRESSED)
_DATA = bytes.fromhex("06092a864886f70d010701")
_MOST_PIECES = 100_000


@archives.register("secure_mail", "smime")
class SecureMail:
    """RFC 8551 and RFC 9580.  The content of an opaque signature is an octet string, in one piece or in many."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        if part.type in _TYPES or data.startswith(_ARMOR) or b"\n" + _ARMOR in data[:4096]:
            return True
        return data[:1] == b"\x30" and any(
            oid in data[:40] for oid in (_SIGNED, _ENVELOPED, _AUTH_ENVELOPED, _COMPRESSED)
        )

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        head = part.data[:40]
        if part.type == "application/pgp-encrypted" or _ARMOR in part.data[:4200]:
            yield Trouble("unscannable", "Encrypted.Pgp")
        elif _ENVELOPED in head or _AUTH_ENVELOPED in head:
            yield Trouble("unscannable", "Encrypted.Smime")
        elif _COMPRESSED in head:
            yield Trouble("unscannable", "NoReader.SmimeCompressed")
        elif _SIGNED in head:
            at = part.data.find(_DATA, 20)
            content, whole = octets(part.data, at + len(_DATA)) if at >= 0 else (b"", True)
            if not whole:
                yield Trouble("unscannable", "Limits.Smime", detail=f"in more than {_MOST_PIECES} pieces")
            if content:
                budget.member()
                budget.spend(len(content))
                yield Member("", content, label="signed")
            elif at >= 0 and b"\xa0" in part.data[at + len(_DATA) : at + len(_DATA) + 1]:
                yield Trouble("unscannable", "Broken.Smime", detail="no content where the signature has one")
        elif part.type in _TYPES:
            yield Trouble("unscannable", "Broken.Smime", detail="neither signed nor enveloped")


def octets(data: bytes, at: int) -> tuple[bytes, bool]:
    """(the octet string in the explicit [0] at a place, its pieces joined, b"" where there is none; whether all)."""
    if data[at : at + 1] != b"\xa0":
        return b"", True
    at = _value(data, at)[0]
    pieces: list[bytes] = []
    for _ in range(_MOST_PIECES):
        tag = data[at : at + 1]
        if tag == b"\x24":  # constructed: its pieces follow
            at = _value(data, at)[0]
        elif tag == b"\x04":
            start, size = _value(data, at)
            pieces.append(data[start : start + size])
            at = start + size
        else:
            return b"".join(pieces), True
    return b"".join(pieces), False


def _value(data: bytes, at: int) -> tuple[int, int]:
    """(where the value of the element at a place begins, its length; 0 for an indefinite one)."""
    first = data[at + 1] if at + 1 < len(data) else 0
    if first < 0x80:
        return at + 2, first
    count = first & 0x7F
    return at + 2 + count, int.from_bytes(data[at + 2 : at + 2 + count], "big")
