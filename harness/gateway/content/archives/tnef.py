"""tnef - winmail.dat: Outlook's own wrapping, which hides names and files from readers of MIME (MS-OXTNEF)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

_MAGIC = b"\x78\x9f\x3e\x22"
# Attributes (MS-OXTNEF 2.1.2): the type in the high word, the identifier in the low.
_RENDERED, _TITLE, _DATA, _MAPI, _MESSAGE_MAPI = 0x00069002, 0x00018010, 0x0006800F, 0x00069005, 0x00069003
# Properties of an attachment (MS-OXPROPS).
_LONG_NAME, _SHORT_NAME, _DATA_OBJECT = 0x3707, 0x3704, 0x3701
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0001: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8,
          0x0040: 8, 0x0048: 16}  # fmt: skip
_VARIABLE = (0x001E, 0x001F, 0x0102, 0x000D)


class _Attachment:
    def __init__(self) -> None:
        self.names: list[str] = []
        self.data = b""
        self.objects: list[bytes] = []


@archives.register("tnef")
class Tnef:
    """Attachments by all their names, embedded messages, and the bodies that the message's properties hold."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_MAGIC)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data, at = part.data, 6
        open_one: _Attachment | None = None
        while at + 9 <= len(data):
            attribute = int.from_bytes(data[at + 1 : at + 5], "little")
            size = int.from_bytes(data[at + 5 : at + 9], "little")
            value = data[at + 9 : at + 9 + size]
            at += 9 + size + 2  # and a checksum
            if attribute == _RENDERED:
                yield from _given(open_one, budget)
                open_one = _Attachment()
            elif attribute == _TITLE and open_one is not None:
                open_one.names.append(value.rstrip(b"\0").decode("cp1252", "replace"))
            elif attribute == _DATA and open_one is not None:
                open_one.data = value
            elif attribute == _MAPI and open_one is not None:
                for prop, kind, content in _properties(value):
                    if prop in (_LONG_NAME, _SHORT_NAME):
                        open_one.names.insert(0 if prop == _LONG_NAME else 1, _text(kind, content))
                    elif prop == _DATA_OBJECT:
                        open_one.objects.append(content[16:] if kind == 0x000D else content)
            elif attribute == _MESSAGE_MAPI:
                for prop, _, content in _properties(value):
                    if len(content) > 64:
                        budget.member()
                        yield Member("", content, label=f"property {prop:04x}")
            if len(value) < size:
                yield Trouble("unscannable", "Broken.Tnef", detail="torn off")
        yield from _given(open_one, budget)


def _given(attachment: _Attachment | None, budget: Budget) -> Iterator[Member]:
    if attachment is None:
        return
    names = tuple(dict.fromkeys(name for name in attachment.names if name))
    for content in dict.fromkeys((attachment.data, *attachment.objects)):
        if content:
            budget.member()
            budget.spend(len(content))
            yield Member(names[0] if names else "", content, names[1:])


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(identifier, type, content) of each property in a MAPI block, until one cannot be read."""
    count, at = int.from_bytes(value[:4], "little"), 4
    for _ in range(min(count, 4096)):
        if at + 4 > len(value):
            return
        kind, prop = int.from_bytes(value[at : at + 2], "little"), int.from_bytes(value[at + 2 : at + 4], "little")
        at += 4
        if prop >= 0x8000:  # a named property: GUID, then a number or a name
            text = value[at + 16 : at + 20] != b"\0\0\0\0"
            length = int.from_bytes(value[at + 20 : at + 24], "little")
            at += 24 + ((length + 3) // 4 * 4 if text else 0)
        several = bool(kind & 0x1000)
        kind &= 0x0FFF
        if kind in _VARIABLE:
            items = int.from_bytes(value[at : at + 4], "little")
            at += 4
            for _ in range(min(items, 4096)):
                length = int.from_bytes(value[at : at + 4], "little")
                yield prop, kind, value[at + 4 : at + 4 + length]
                at += 4 + (length + 3) // 4 * 4
        elif kind in _FIXED:
            items = int.from_bytes(value[at : at + 4], "little") if several else 1
            at += (4 if several else 0) + _FIXED[kind] * min(items, 4096)
        else:
            return


def _text(kind: int, content: bytes) -> str:
    text = content.decode("utf-16-le", "replace") if kind == 0x001F else content.decode("cp1252", "replace")
    return text.rstrip("\0")
