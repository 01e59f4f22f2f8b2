"""mix - a file that says which families of sessions there are, and in which proportion -> any number of sessions.

sessions: 100000
seed: 1
people: {domain: yourdomain.com, blocklists: [blackholes.wirehub.net, dynablock.wirehub.net]}
families: {letter: 50, newsletter: 10, listed: 25, dialup: 10, infected: 1}
size_bytes: 4096          # contents are filled up to so many; 0 leaves them as they are
"""

from __future__ import annotations

import base64
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from harness.corpus.build import crlf, pad
from harness.corpus.family import Draft, Family, People, Scene, families
from harness.corpus.generator import Brief, generators
from harness.corpus.sample import Sample
from harness.document import read_document
from harness.errors import ScenarioError, UnknownMember, did_you_mean

_TEXTS = 40  # letters of each kind that are made beforehand; a session takes one of them


@dataclass(frozen=True)
class Mix:
    """What a mix file says."""

    families: Mapping[str, int]
    sessions: int = 10_000
    seed: int = 1
    size_bytes: int = 0
    people: People = field(default_factory=People)


def read_mix(path: Path) -> Mix:
    """The mix of a file.  Raises ScenarioError with file:line."""
    data, lines = read_document(path, typed_below=tuple(one.name for one in fields(Mix)))

    def fault(key: tuple[str | int, ...], what: str) -> ScenarioError:
        return ScenarioError(what, file=str(path), line=lines.get(key, 1))

    _known(data, Mix, (), fault)
    weights = data.get("families")
    if not isinstance(weights, Mapping) or not weights:
        raise fault(("families",), "families: expects a mapping of families to weights")
    for name, weight in weights.items():
        if not isinstance(weight, int) or weight < 0:
            raise fault(("families", name), f"{name}: expects a weight of 0 or more, got {weight!r}")
        try:
            families[str(name)]
        except UnknownMember as error:
            raise fault(("families", name), error.what) from None
    if not sum(weights.values()):
        raise fault(("families",), "families: no family has a weight")
    people = data.get("people") or {}
    _known(people, People, ("people",), fault)
    people = {key: tuple(value) if isinstance(value, list) else value for key, value in people.items()}
    numbers = {name: data[name] for name in ("sessions", "seed", "size_bytes") if name in data}
    for name, number in numbers.items():
        if not isinstance(number, int) or number < 0:
            raise fault((name,), f"{name}: expects a whole number, got {number!r}")
    if weights.get("listed") and not people.get("blocklists"):
        raise fault(("families", "listed"), "listed: `people` names no blocklists")
    return Mix(dict(weights), people=People(**people), **numbers)


def _known(data: Any, kind: type, at: tuple[str | int, ...], fault: Any) -> None:
    if not isinstance(data, Mapping):
        raise fault(at, f"expects a mapping, got {data!r}")
    names = [one.name for one in fields(kind)]
    for key in data:
        if key not in names:
            raise fault((*at, key), f"no such key {key!r}{did_you_mean(str(key), names)}")


def generated(mix: Mix, start: int = 0, stop: int | None = None) -> Iterator[Sample]:
    """Sessions number `start` to `stop` of a mix: always the same ones, however they are cut."""
    names = [name for name, weight in mix.families.items() if weight]
    bounds = list(accumulate(mix.families[name] for name in names))
    makers: list[Family] = [families[name] for name in names]
    texts = _texts(mix.seed)
    for number in range(start, mix.sessions if stop is None else stop):
        random = Random((mix.seed << 40) ^ number)
        kind = bisect(bounds, random.randrange(bounds[-1]))
        draft = makers[kind](Scene(number, random, mix.people, texts))
        yield Sample(
            f"{names[kind]}-{number}", draft.client, draft.sender, draft.recipients, _content(draft, number, mix),
            draft.label, draft.helo, origin=names[kind],
        )  # fmt: skip


@lru_cache(maxsize=2)
def _texts(seed: int) -> dict[str, tuple[tuple[str, str], ...]]:
    """Some letters of each kind: to make a new one for each of a million sessions would take an hour."""
    made: dict[str, tuple[tuple[str, str], ...]] = {}
    for kind in ("letter", "newsletter", "report"):
        random, found = Random(f"{seed}:{kind}"), []
        for _ in range(_TEXTS):
            draft = generators[kind](Brief("a@partner0.test", ("b@yourdomain.com",), random))
            subject = next((value for name, value in draft.headers if name == "Subject"), kind)
            found.append((_ascii(subject), _ascii(draft.body)))
        made[kind] = tuple(found)
    return made


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode("ascii")


def _content(draft: Draft, number: int, mix: Mix) -> bytes:
    """The message, CRLF line ends."""
    author = draft.sender or f"MAILER-DAEMON@{draft.helo}"
    head = (
        f"From: <{author}>\r\nTo: <{draft.recipients[0]}>\r\nSubject: {draft.subject}\r\n"
        f"Date: Sun, 10 Aug 2003 09:00:00 +0000\r\nMessage-ID: <{number}.{mix.seed}@{author.rpartition('@')[2]}>\r\n"
    )
    if draft.attachment is None:
        whole = head.encode() + b"\r\n" + crlf(draft.body.encode())
    else:
        whole = head.encode() + _mixed(draft.body, *draft.attachment, f"=_{number:x}")
    return pad(whole, mix.size_bytes) if mix.size_bytes else whole


def _mixed(body: str, name: str, content: bytes, mark: str) -> bytes:
    """The rest of a message with one attachment."""
    lines = [
        "MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{mark}"', "", f"--{mark}",
        "Content-Type: text/plain", "", body.rstrip("\n"), f"--{mark}",
        f'Content-Type: application/octet-stream; name="{name}"',
        f'Content-Disposition: attachment; filename="{name}"', "Content-Transfer-Encoding: base64", "",
        base64.encodebytes(content).decode("ascii").rstrip("\n"), f"--{mark}--", "",
    ]  # fmt: skip
    return crlf("\n".join(lines).encode())
