"""transcript - a session as text, one line of dialogue a line, with what differs from run to run masked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.observation import SessionSeen

# A word that is there whenever the pattern fits, which is looked for much faster; and what to put instead.
_MASKS = (
    ("queued as ", re.compile(r"\bqueued as [0-9A-Za-z]{6,20}\b"), "queued as <queue-id>"),
    (" id ", re.compile(r"\b(with \w+\s+id) [0-9A-Za-z]{6,20}\b"), r"\1 <queue-id>"),  # in Received
    (
        ":",
        re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), +\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}( \(\w+\))?"),
        "<date>",
    ),
    # The short form of a queue id, in a log line for one: a telephone number is none, nor is a word in capitals.
    ("", re.compile(r"\b(?=[0-9A-F]*[0-9])(?=[0-9A-F]*[A-F])[0-9A-F]{10}\b"), "<queue-id>"),
    ("127.0.0.1", re.compile(r"\b127\.0\.0\.1(\]?):\d{2,5}\b"), r"127.0.0.1\1:<port>"),
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
    return masked("\n".join(lines) + "\n", seen.queue_ids)


def masked(text: str, queue_ids: Iterable[str] = ()) -> str:
    """The text without dates, ports, these queue ids, and what looks like one where one is to be expected."""
    for queue_id in queue_ids:
        if queue_id and queue_id in text:
            text = re.sub(rf"\b{re.escape(queue_id)}\b", "<queue-id>", text)
    for word, pattern, instead in _MASKS:
        if word in text:
            text = pattern.sub(instead, text)
    return text
