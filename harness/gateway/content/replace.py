"""replace - put something else in the place of a MIME part: warn.txt, or the part with its object made harmless."""

from __future__ import annotations

from harness.gateway.content.action import State
from harness.gateway.content.finding import Finding
from harness.gateway.content.part import shown


def can_replace(state: State, finding: Finding) -> bool:
    """Not inside what is signed: the signature would break.  The mail itself can be replaced if it is one object."""
    entity = state.entities.get(finding.entity)
    if entity is None or entity.signed:
        state.said = "the part is signed" if entity is not None else "there is no such part"
        return False
    if finding.entity == 0 and entity.multipart:
        state.said = "the mail itself cannot be taken out of the mail"
        return False
    return True


def warn_txt(state: State, finding: Finding) -> int:
    """Put warn.txt, as large as the object was decoded, in the place of its top part; gives its size in bytes.

    A text that is too short is filled up with blanks, one that is too long is cut (the paper's rule).
    """
    size = len(state.body_of(finding))
    text = state.warn_text(finding).encode("utf-8")
    body = text[:size].ljust(size, b" ")
    entity = state.entities[finding.entity]
    if finding.entity == 0:
        kept = b"".join(
            state.original[item.start : item.end] for item in entity.fields if not item.name.startswith("content-")
        )
    else:
        kept = b""
    head = (
        b'Content-Type: text/plain; charset=utf-8; name="warn.txt"\n'
        b"Content-Transfer-Encoding: 8bit\n"
        b'Content-Disposition: attachment; filename="warn.txt"\n'
    )
    state.changes[finding.entity] = kept + head + b"\n" + body
    state.said = f"{shown(finding.path)} -> warn.txt of {size} bytes"
    return size
