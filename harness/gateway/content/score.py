"""score - Bulk Mail Stop: header and body features, each with a weight, to a score that explains itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any

from harness.gateway.content.entity import Entity
from harness.gateway.content.linear import PatternSet, compile_pattern
from harness.gateway.content.signature_store import gtube
from harness.gateway.mime_names import decode_words

THRESHOLDS = {"low": 4.0, "medium": 6.0, "high": 9.0, "very_high": 12.0}
"""Accuracy level -> least score.  Accuracy is how sure one must be: very_high flags least and errs least."""

READ_BYTES = 256 * 1024  # of the text
READ_SUBJECT = 2000  # and of any other header field
CERTAIN = 1000.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A feature that was seen, and what it weighs."""

    feature: str
    weight: float


@dataclass(frozen=True, slots=True)
class Score:
    """The sum, and every hit behind it."""

    points: float
    hits: tuple[Hit, ...]

    def explained(self) -> str:
        """`7.5 (SubjectShouts 1.5, Remove 2.0, ...)`."""
        why = ", ".join(f"{hit.feature} {hit.weight:g}" for hit in self.hits)
        return f"{self.points:g} ({why})" if why else f"{self.points:g}"


@dataclass(frozen=True, slots=True)
class View:
    """The mail as features see it."""

    root: Entity
    subject: str
    sender: str  # the From field
    text: str  # all text parts, HTML tags still in, lower case
    words: str  # the same without tags
    html: bool
    only_html: bool
    seen: frozenset[str] = frozenset()  # the features that are patterns

    def value(self, name: str) -> str:
        """The first field of this name, decoded; "" where there is none."""
        return decode_words(self.root.value(name)[:READ_SUBJECT].strip())


def score(root: Entity, texts: list[tuple[str, bytes]]) -> Score:
    """The score of a mail: `texts` are the (type, decoded bytes) of its text parts in order."""
    view = _view(root, texts)
    hits = tuple(Hit(name, weight) for name, weight, seen in FEATURES if seen(view))
    return Score(round(sum(hit.weight for hit in hits), 2), hits)


def _view(root: Entity, texts: list[tuple[str, bytes]]) -> View:
    pieces: list[str] = []
    left = READ_BYTES
    for _, data in texts:
        pieces.append(data[:left].decode("utf-8", "replace"))
        left = max(0, left - len(data))
    text = "\n".join(pieces)
    kinds = {kind for kind, _ in texts}
    html = "text/html" in kinds
    of_subject, of_words, of_text, tag = _patterns()
    words = " ".join((unescape(tag.sub(" ", text)) if html else text).split())
    subject, sender = (decode_words(root.value(name)[:READ_SUBJECT].strip()) for name in ("subject", "from"))
    seen = of_words.found_in(words) | of_subject.found_in(subject)
    if html or "http" in text:
        seen |= of_text.found_in(text)
    return View(root, subject, sender, text.lower(), words, html, kinds == {"text/html"}, frozenset(seen))


_RANDOM_TAIL = re.compile(r"\s{3,}[\[(]?[a-z0-9]{4,16}[\])]?$")
_NOT_UPPER = bytes(sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
_NOT_LETTER = bytes(sorted(set(_NOT_UPPER) - set(b"abcdefghijklmnopqrstuvwxyz")))

# Looked for in the words and in the subject.
_PHRASES: tuple[tuple[str, float, str], ...] = (
    (
        "BrokenUpWord",
        2.5,
        r"\b(?:v[.*_-]?[i1!][.*_-]?[a@][.*_-]?g[.*_-]?r[.*_-]?[a@]|c[i1!][a@]l[i1!]s|x[a@]n[a@]x)\b",
    ),
    ("Remove", 1.5, r"to be removed|remove me|removed from (?:our|this|the) (?:mailing )?list|unsubscribe here"),
    ("NotSpam", 2.0, r"this is not spam|this (?:e-?mail|message) is not unsolicited|section 301|bill s\.? ?1618"),
    ("ActNow", 1.5, r"act now|limited time|order now|don't delay|while supplies last|offer expires"),
    ("Free", 1.0, r"100% free|absolutely free|free (?:trial|gift|quote|access|offer|money)|no obligation|risk[- ]free"),
    ("Earn", 2.0, r"make money|extra income|earn \$|work (?:from|at) home|financial freedom|be your own boss"),
    ("Debt", 1.5, r"lowest rates?|refinanc|consolidate (?:your )?(?:debts?|bills)|bad credit|mortgage rates?"),
    ("Guarantee", 1.0, r"money[- ]back guarantee|guaranteed results|satisfaction guaranteed|100% guarante"),
    ("ClickHere", 1.0, r"click (?:here|below|the link|now)"),
    ("Pills", 2.0, r"online pharmacy|no prescription|lose weight|weight loss|enlarge|herbal"),
    (
        "Advance",
        2.5,
        r"next of kin|transfer (?:of )?the (?:sum|funds?)|strictest? confiden|foreign account|late president",
    ),
    ("Winner", 2.0, r"you (?:have|are|'ve) (?:been )?(?:won|a winner|selected)|lottery|claim your (?:prize|reward)"),
    ("DearFriend", 1.0, r"dear (?:friend|sir/madam|valued customer|beneficiary|winner)"),
    (
        "Account",
        2.0,
        r"verify your account|account (?:has been |will be )?(?:suspended|limited)|confirm your (?:password|identity)",
    ),
)


# Looked for in the words alone, in the text with its tags, and in HTML.
_WORDS = {"Money": r"\$\s?\d{1,3}(?:,\d{3})+|\b\d+\s?(?:million|billion)\b|\bmillions? of\b"}
_TEXT = {
    "NumericLink": r"https?://(?:\d{1,3}(?:\.\d{1,3}){3}|\d{8,10}|0x[0-9a-f]{8})[/:\s\"'>]",
    "UserLink": r"https?://[^\s/\"'>@]+@",
}
_HTML = {
    "HtmlHidden": r"font-size:\s*[01](?:px|pt)?\s*[;\"']|display:\s*none|<font[^>]*color=[\"']?#?fffff[0-9a-f]",
    "HtmlTracker": r"<img[^>]*(?:width|height)=[\"']?1[\"'\s]",
    "HtmlBrokenWord": r"[a-z]<!--[^>]*-->[a-z]",
}


class _Patterns:
    """A named pattern each, all of them looked for in one pass."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.names, self.set = tuple(patterns), PatternSet(tuple(patterns.values()))

    def found_in(self, text: str) -> set[str]:
        """The names of those that are in a text."""
        return {self.names[index] for index in self.set.found_in(text)}


@cache
def _patterns() -> tuple[_Patterns, _Patterns, _Patterns, Any]:
    """Those of the subject, of the words, of the text, and what a tag looks like."""
    phrases = {name: pattern for name, _, pattern in _PHRASES}
    return (
        _Patterns(phrases),
        _Patterns({**phrases, **_WORDS}),
        _Patterns({**_TEXT, **_HTML}),
        compile_pattern("<[^>]*>"),
    )


def _seen(name: str) -> Callable[[View], bool]:
    return lambda view: name in view.seen


def _shouts(text: str, least: int) -> bool:
    data = text.encode("ascii", "ignore")
    letters = len(data.translate(None, _NOT_LETTER))
    return letters >= least and len(data.translate(None, _NOT_UPPER)) > 0.8 * letters


def _digits_in_sender(view: View) -> bool:
    local = view.sender.rpartition("<")[2].partition("@")[0]
    return sum(c.isdigit() for c in local) >= 5


def _only_link(view: View) -> bool:
    return "http" in view.text and len(view.words.split()) < 12


FEATURES: tuple[tuple[str, float, Callable[[View], bool]], ...] = (
    ("Gtube", CERTAIN, lambda view: gtube().decode().lower() in view.text or gtube().decode() in view.subject),
    ("NoSubject", 0.5, lambda view: not view.subject),
    ("NoDate", 1.0, lambda view: not view.root.all("date")),
    ("NoMessageId", 1.0, lambda view: not view.root.all("message-id")),
    ("NoFrom", 1.5, lambda view: not view.sender),
    ("NoTo", 1.0, lambda view: not view.root.all("to", "cc")),
    ("UndisclosedTo", 0.5, lambda view: "undisclosed" in view.value("to").lower()),
    ("SubjectShouts", 1.5, lambda view: _shouts(view.subject, 8)),
    ("SubjectExclaims", 1.0, lambda view: view.subject.count("!") >= 2 or "!!" in view.subject),
    ("SubjectMoney", 1.0, lambda view: "$" in view.subject or "€" in view.subject),
    ("SubjectAdv", 2.0, lambda view: view.subject.upper().startswith(("ADV:", "[ADV]", "ADV "))),
    ("SubjectRandomTail", 1.5, lambda view: bool(_RANDOM_TAIL.search(view.subject))),
    ("SenderDigits", 1.0, _digits_in_sender),
    ("BulkMailer", 2.0, lambda view: bool(re.search(r"mass|bulk|bomber|stealth|blast", view.value("x-mailer"), re.I))),
    ("PriorityHigh", 0.5, lambda view: view.value("x-priority").startswith(("1", "2"))),
    ("BodyShouts", 1.5, lambda view: _shouts(view.words, 60)),
    ("BodyExclaims", 1.0, lambda view: view.words.count("!") >= 5),
    ("Money", 1.0, _seen("Money")),
    ("HtmlOnly", 0.5, lambda view: view.only_html),
    ("HtmlHidden", 2.0, lambda view: view.html and "HtmlHidden" in view.seen),
    ("HtmlTracker", 1.0, lambda view: view.html and "HtmlTracker" in view.seen),
    ("HtmlBrokenWord", 2.5, lambda view: view.html and "HtmlBrokenWord" in view.seen),
    ("NumericLink", 2.0, _seen("NumericLink")),
    ("UserLink", 2.0, _seen("UserLink")),
    ("OnlyLink", 1.0, _only_link),
    *((name, weight, _seen(name)) for name, weight, _ in _PHRASES),
)
