"""suggest - a session that tells a mutant from the original: made from the changed line's own words, and tried on both.

A good mail of the corpus is the base; what the line speaks of takes the place of its client, HELO name, sender,
recipient or header.  What is given here was decided under both rule sets and came out differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from harness.corpus.sample import Sample
from harness.impact.decide import Decider
from harness.impact.fate import Fate, differences

_ADDRESS = re.compile(r"[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*(?:/\d+)?")
_MOST = 60  # trials for one mutant


def killer(line: str, base: Sample, original: Decider, mutant: Decider) -> Sample | None:
    """A session about this line of a table that only one of the two would decide so; None where none was found."""
    for number, trial in zip(range(_MOST), _trials(line, base), strict=False):
        trial = replace(trial, id=f"suggested-{number}", script=None, identity=None, origin="")
        if told(original.decide(trial), mutant.decide(trial)):
            return trial
    return None


def told(old: Fate, new: Fate) -> bool:
    """Would anybody notice?  That another line says the same is not noticed."""
    return not old.failure and not new.failure and bool(set(differences(old, new)) - {"cause"})


def good_mail(known: Iterable[tuple[Sample, Fate]]) -> Sample | None:
    """A session that comes through and is told in words, whatever it was in the corpus."""
    for sample, fate in known:
        if fate.verdict == "accept" and sample.recipients and not sample.login:
            return sample
    return None


def _trials(line: str, base: Sample) -> Iterator[Sample]:
    words = line.split()
    if not words:
        return
    key = words[0]
    if pattern := re.match(r"!?/((?:[^/\\]|\\.)*)/", line):
        for text in _examples(pattern[1]):
            if re.match(r"[!-9;-~]+:", text):
                yield replace(base, data=text.encode("utf-8", "replace") + b"\r\n" + base.data)
            yield replace(base, name=text, reverse_name=text)
            yield replace(base, sender=_as_address(text))
            yield replace(base, recipients=(_as_address(text),))
            yield replace(base, helo=text)
            yield replace(base, data=base.data + text.encode("utf-8", "replace") + b"\r\n")
        return
    if _ADDRESS.fullmatch(key):
        address = key.partition("/")[0]
        whole = address if ":" in address else ".".join([*address.strip(".").split("."), "7", "7", "7"][:4])
        for one in dict.fromkeys((address, whole)):
            yield replace(base, client=one, name=base.name or "mail.example.com", reverse_name=None)
        return
    domain = key.strip("@.") if "@" not in key.strip("@") else key
    user = key if "@" in key.strip("@") else f"someone@{domain}" if not key.endswith("@") else f"{key}example.com"
    yield replace(base, sender=user)
    yield replace(base, sender=f"someone@sub.{domain.rpartition('@')[2]}")
    yield replace(base, recipients=(user,))
    host = domain.rpartition("@")[2]
    yield replace(base, name=host, reverse_name=host)
    yield replace(base, name=f"mail.{host}", reverse_name=f"mail.{host}")
    yield replace(base, helo=host)
    yield replace(base, helo=f"mail.{host}")


def _as_address(text: str) -> str:
    """An address that holds this text."""
    if "@" not in text:
        text = f"a@{text}"
    whole = f"a{text}" if text.startswith("@") else text
    return f"{whole}example.com" if whole.endswith(("@", ".")) else whole


def _examples(pattern: str) -> Iterator[str]:
    """A few texts that the pattern may match: its alternatives in turn, the least of every repetition."""
    import warnings
    from re import _parser as parser  # type: ignore[attr-defined]

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(pattern)
    except (re.error, OverflowError):  # a pattern of PCRE's or POSIX's that Python does not know
        return
    for turn in range(8):
        text = _text(tree, turn)
        yield text
        if "@" not in text and "." not in text:
            yield f"{text}.example.com"


def _text(tree: Any, turn: int) -> str:
    """The text of one turn; `turn` picks among alternatives."""
    out: list[str] = []
    for operator, argument in tree:
        match str(operator):
            case "LITERAL":
                out.append(chr(argument))
            case "NOT_LITERAL" | "ANY":
                out.append("x")
            case "IN":
                out.append(_one_of(argument))
            case "BRANCH":
                out.append(_text(argument[1][turn % len(argument[1])], turn))
            case "SUBPATTERN":
                out.append(_text(argument[3], turn))
            case "MAX_REPEAT" | "MIN_REPEAT":
                out.append(_text(argument[2], turn) * max(argument[0], 1 if turn % 2 and argument[1] else argument[0]))
            case _:
                pass  # anchors and assertions take no room
    return "".join(out)


def _one_of(choices: list[tuple[Any, Any]]) -> str:
    for operator, argument in choices:
        match str(operator):
            case "LITERAL":
                return chr(argument)
            case "RANGE":
                return chr(argument[0])
            case "CATEGORY":
                return (
                    "7"
                    if "DIGIT" in str(argument) and "NOT" not in str(argument)
                    else " "
                    if "SPACE" in str(argument)
                    else "x"
                )
    return "x"
