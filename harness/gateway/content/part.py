"""part - a named object found in a mail: an attachment, a member of an archive, a mail within the mail."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """One object to examine: its bytes decoded, its path in the mail, and the top MIME part that holds it."""

    path: str  # part0002:a.zip/b.exe
    data: bytes = field(repr=False)  # of a member only while it is scanned
    names: tuple[str, ...] = ()  # every name a program may give it; the first is the one shown
    type: str = ""  # the type its header declares, "" for a member of an archive
    entity: int = 0  # index of the top MIME part: what is replaced when the object must go
    depth: int = 0  # how many containers lie around it
    raw: bool = False  # the mail as it came: for signatures alone, since its objects are examined one by one

    @property
    def name(self) -> str:
        """The name it is shown under, or ""."""
        return self.names[0] if self.names else ""

    @property
    def text(self) -> bool:
        """Whether it is declared to be text."""
        return self.type.startswith("text/")


def shown(name: str) -> str:
    """A name fit for paths, logs and notices: no control or bidirectional characters, no more than 255 long."""
    clean = "".join(c if c.isprintable() else "?" for c in name)
    return clean[:255]


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))


def textual(data: bytes) -> bool:
    """Whether the bytes read as a text: a few NULs, put in to fool somebody, do not make a program of it."""
    head = data[:4096]
    return len(head) - len(head.translate(None, _CONTROLS)) <= 1 + len(head) // 64


def leaves_directory(link: str, target: str) -> bool:
    """Whether a name, or the target of a link of this name, lies outside the directory that is unpacked into."""
    target = target.replace("\\", "/")
    if target.startswith("/") or target[1:2] == ":":
        return bool(target.strip("/"))  # `/` and `//` are tables of Unix libraries
    depth = link.strip("./").count("/")
    for piece in target.split("/"):
        depth += -1 if piece == ".." else piece not in ("", ".")
        if depth < 0:
            return True
    return False
