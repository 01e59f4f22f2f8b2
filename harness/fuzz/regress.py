"""regress - a shrunk case and what a real Postfix said -> a scenario file that asserts every word of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.compare import reasons
from harness.errors import ScenarioError
from harness.fuzz.case import RESET, Case, Visit, dumped
from harness.observation import Exchange, Observation, SessionSeen
from harness.output import write as write_whole
from harness.smtp.pattern import parse_pattern
from harness.smtp.reply import Reply

_VARIES = re.compile(r"<(?:queue-id|date)>|<<made-id>")


def write(case: Case, truth: Observation, what: str, directory: Path) -> Path:
    """Write the scenario; its name is that of what it says.  Gives the file."""
    document = {**case.document(), "title": f"drawn at random, and told apart once: {what}", "tags": ["fuzz"]}
    seen = {session.id: session for session in truth.sessions}
    for visit, session in zip(case.visits, document["sessions"], strict=True):
        session["chat"] = "\n".join(_chat(visit, seen[visit.id])) + "\n"
        session["expect"] = _expect(seen[visit.id])
    text = dumped(document)
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / f"fuzz_{hashlib.sha256(text.encode()).hexdigest()[:8]}.yaml"
    write_whole(file, text)
    return file


def _expect(seen: SessionSeen) -> dict[str, Any]:
    """What came of it: the verdict, what was delivered, and the reasons in the log."""
    made: dict[str, Any] = {"verdict": seen.verdict, "deliveries": len(seen.deliveries or ())}
    logged = reasons(seen)
    if logged not in (None, "none"):
        found = [line.partition(": ")[2] for line in (logged or "").split("\n")]
        made["log"] = [
            {"match": "^" + ".*".join(map(re.escape, _VARIES.split(line))), "times": found.count(line)}
            for line in dict.fromkeys(found)
        ]
    return made


def _chat(visit: Visit, seen: SessionSeen) -> Iterator[str]:
    """The conversation as it went, in the chat language."""
    exchanges = iter(seen.exchanges)
    yield from _answer(next(exchanges, None))
    for say in visit.says:
        replies: list[Exchange | None] = []
        yield from _said(say.lines)
        for _ in say.lines:
            replies.append(next(exchanges, None))
            yield from _answer(replies[-1])
            if replies[-1] is None or replies[-1].reply is None:
                return
        last = replies[-1]
        if last is None or last.reply is None or last.reply.code in (221, 421, 521):
            return
        if say.content is not None and last.reply.code == 354:
            yield from (_line(line) for line in say.content.splitlines(keepends=True))
            yield from _answer(last := next(exchanges, None))
        elif not say.ends_mail:
            continue
        if last is None or last.reply is None or last.reply.code in (221, 421, 521):
            return
        if last.reply.code >= 400:
            yield _line(RESET)
            yield from _answer(next(exchanges, None))


def _said(lines: tuple[bytes, ...]) -> Iterator[str]:
    pieces = [piece for line in lines for piece in line.splitlines(keepends=True)]
    if len(lines) == 1:
        yield from (_line(piece) for piece in pieces)
    else:
        yield "!pipeline {"
        yield from (_line(piece) for piece in pieces)
        yield "}"


def _line(data: bytes) -> str:
    """`C:` where that can say it; `C.` with every odd byte spelled out."""
    text = data.removesuffix(b"\r\n")
    if data.endswith(b"\r\n") and re.fullmatch(rb"(?:[!-~](?:[ -~]*[!-~])?)?", text) and b"{{" not in text:
        return f"C: {text.decode()}".rstrip()
    escaped = "".join(_ESCAPES.get(byte, chr(byte) if 32 <= byte < 127 else f"\\x{byte:02X}") for byte in data)
    return f"C. {escaped}"


_ESCAPES = {13: "\\r", 10: "\\n", 9: "\\t", 0: "\\0", 92: "\\\\", 123: "\\x7B"}


def _answer(exchange: Exchange | None) -> Iterator[str]:
    if exchange is None or exchange.reply is None:
        yield "S! eof"
        return
    yield _pattern(exchange.reply)


def _pattern(reply: Reply) -> str:
    """The reply, word for word where a pattern can say so."""
    text = str(reply)
    if len(reply.lines) > 1:
        return "S~ \\A" + re.escape(text).replace("\\ ", " ").replace("\\\n", "\\n") + "\\Z"
    if " queued as " in text:
        return "S: " + text.partition(" queued as ")[0] + " queued as"
    try:
        if "/" not in text and parse_pattern(text).matches(reply) and " ".join(text.split()) == text:
            return f"S: {text}"
    except ScenarioError:
        pass
    return "S~ ^" + re.escape(text).replace("\\ ", " ") + "$"
