"""transcript - a session as text, one line of dialogue a line, with what differs from run to run masked."""

from __future__ import annotations

import re

from harness.observation import SessionSeen

_MASKS = (
    (re.compile(r"\b(queued as|kept as|id) [0-9A-Za-z]{6,20}\b"), r"\1 <queue-id>"),
    (
        re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), +\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}( \(\w+\))?"),
        "<date>",
    ),
    (re.compile(r"\b[0-9A-F]{10}\b"), "<queue-id>"),
    (re.compile(r"\b127\.0\.0\.1(\]?):\d{2,5}\b"), r"127.0.0.1\1:<port>"),
)
_LONGEST = 2000  # characters of one thing sent, beyond which its middle is left out


def transcript(seen: SessionSeen) -> str:
    """`C:` what was sent, `S:` what came back."""
    lines: list[str] = []
    for exchange in seen.exchanges:
        sent = exchange.sent.decode("utf-8", "backslashreplace")
        if len(sent) > _LONGEST:
            sent = f"{sent[: _LONGEST // 2]}\n[... {len(sent) - _LONGEST} characters ...]\n{sent[-_LONGEST // 2 :]}"
        lines += [f"C: {line}" for line in sent.replace("\r\n", "\n").removesuffix("\n").split("\n") if exchange.sent]
        if exchange.reply is None:
            lines.append("S! hung up")
        else:
            lines += [f"S: {line}" for line in exchange.reply.wire_lines()]
    return masked("\n".join(lines) + "\n")


def masked(text: str) -> str:
    """The text without queue ids, dates and ports."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text
