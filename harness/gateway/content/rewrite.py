"""rewrite - the mail as it is delivered: changed parts, added headers, a marked subject, wrapped, stamped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.gateway.content.unpack import Unpacked
from harness.gateway.message import header_line, parse_message
from harness.gateway.mime import splice

STAMP = "X-RAV-AntiVirus"
_OUTER = frozenset({"received", "from", "to", "cc", "subject", "date", "message-id", "reply-to"})


@dataclass(frozen=True, slots=True)
class Change:
    """What stands in the place of [start, end) of the mail."""

    start: int
    end: int
    new: bytes
    keeps: bool = False  # the content is still there: renamed or cleaned


@dataclass(slots=True)
class Draft:
    """A mail (LF line ends) on its way to one group of recipients; every byte nobody changes stays as it came."""

    data: bytes
    unpacked: Unpacked
    boundary: str  # for `embed`: of no other part
    changes: list[Change] = field(default_factory=list)
    headers: list[bytes] = field(default_factory=list)  # lines to add
    subject_prefix: str = ""
    embedded_in: str = ""  # the text of the mail that carries it

    def render(self, stamp: str = "") -> bytes:
        """The bytes to deliver; exactly the original where nothing was done to it and no stamp is wanted."""
        data = self.data
        if self.changes:
            data = splice(data, [(one.start, one.end, one.new) for one in merged(self.changes)])
        if self.embedded_in:
            data = _embedded(data, self.embedded_in, self.boundary)
        if self.subject_prefix:
            data = _marked(data, self.subject_prefix)
        lines = list(self.headers)
        if stamp and not any(header.text == stamp for header in parse_message(data).all(STAMP)):
            lines.append(header_line(STAMP, stamp))
        return parse_message(data).with_last(*lines).to_bytes() if lines else data


def merged(changes: Iterable[Change]) -> list[Change]:
    """Changes that do not overlap: where several do, the widest that takes something away stands for all of them.

    Two readings of an ambiguous mail overlap; whatever one of them must not deliver must not come back by the other.
    """
    clusters: list[list[Change]] = []
    reach = -1
    for one in sorted(changes, key=lambda change: (change.start, -change.end)):
        if clusters and one.start < reach:
            clusters[-1].append(one)
        else:
            clusters.append([one])
        reach = max(reach, one.end)
    result = []
    for cluster in clusters:
        removing = [one for one in cluster if not one.keeps] or cluster
        widest = max(removing, key=lambda one: one.end - one.start)
        end = max(one.end for one in (cluster if not widest.keeps else [widest]))
        start = cluster[0].start if not widest.keeps else widest.start
        result.append(Change(start, end, widest.new, widest.keeps))
    return result


def _marked(data: bytes, prefix: str) -> bytes:
    """The prefix before the subject, once however often the mail comes by."""
    message = parse_message(data)
    subject = message.first("Subject")
    if subject is None:
        return message.with_last(header_line("Subject", prefix)).to_bytes()
    if subject.text.startswith(prefix):
        return data
    line = header_line("Subject", prefix).removesuffix(b"\n") + b" " + subject.value + b"\n"
    return message.with_replaced("Subject", lambda header: line if header is subject else header.raw).to_bytes()


def _embedded(data: bytes, text: str, boundary: str) -> bytes:
    """The mail as message/rfc822 below a text; sender, recipients and date stay those of the original."""
    message = parse_message(data)
    kept = b"".join(header.raw for header in message.headers if header.name.lower() in _OUTER)
    if kept and not kept.endswith(b"\n"):
        kept += b"\n"
    while f"--{boundary}".encode() in data:
        boundary += "-"
    return b"".join(
        (
            kept,
            b"MIME-Version: 1.0\n",
            header_line("Content-Type", f'multipart/mixed; boundary="{boundary}"'),
            f"\n--{boundary}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode("utf-8", "replace"),
            f"--{boundary}\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n".encode(),
            data,
            b"" if data.endswith(b"\n") else b"\n",
            f"--{boundary}--\n".encode(),
        )
    )
