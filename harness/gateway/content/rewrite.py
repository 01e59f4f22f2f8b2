"""rewrite - the mail as it is delivered: changed parts, added headers, a marked subject, wrapped, stamped."""

from __future__ import annotations

from harness.gateway.content.action import State
from harness.gateway.content.unpack import Unpacked
from harness.gateway.message import header_line, parse_message
from harness.gateway.mime import splice

STAMP = "X-RAV-AntiVirus"


def rewritten(state: State, unpacked: Unpacked, host: str) -> bytes:
    """The bytes to deliver; exactly the original where nothing was done to it and no stamp is wanted (host "")."""
    data = state.original
    if 0 in state.changes:
        data = state.changes[0]
    elif state.changes:
        spans = [(unpacked.entities[i].start, unpacked.entities[i].end, new) for i, new in state.changes.items()]
        data = splice(data, spans)
    if state.embedded:
        data = _embedded(state, data)
    if state.subject_prefix:
        data = _marked(data, state.subject_prefix)
    lines = list(state.headers)
    if host:
        stamp = f"This e-mail has been scanned for viruses on host: {host}"
        if not any(header.text == stamp for header in parse_message(data).all(STAMP)):
            lines.append(header_line(STAMP, stamp))
    return _added(data, lines)


def _added(data: bytes, lines: list[bytes]) -> bytes:
    return parse_message(data).with_last(*lines).to_bytes() if lines else data


def _marked(data: bytes, prefix: str) -> bytes:
    message = parse_message(data)
    subject = message.text("Subject")
    if subject.startswith(prefix):
        return data
    line = header_line("Subject", f"{prefix} {subject}".strip())
    if message.first("Subject") is None:
        return message.with_last(line).to_bytes()
    return message.with_replaced("Subject", lambda header: line).to_bytes()


def _embedded(state: State, data: bytes) -> bytes:
    """The mail as message/rfc822 below a text; sender, recipients and date stay those of the original."""
    message = parse_message(data)
    boundary = f"rav-{state.queue_id}"
    kept = b"".join(header.raw for header in message.headers if header.name.lower() in _KEPT)
    text = (state.antispam.embedded_msg if state.antispam else "") or "The mail below looks like bulk mail."
    return b"".join(
        (
            kept,
            b"MIME-Version: 1.0\n",
            header_line("Content-Type", f'multipart/mixed; boundary="{boundary}"'),
            f"\n--{boundary}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode(),
            f"--{boundary}\nContent-Type: message/rfc822\n\n".encode(),
            data,
            b"" if data.endswith(b"\n") else b"\n",
            f"--{boundary}--\n".encode(),
        )
    )


_KEPT = frozenset({"received", "from", "to", "cc", "subject", "date", "message-id", "reply-to"})
