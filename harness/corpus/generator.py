"""generator - contract: a seed -> a message.  Members live in generators/, found by the name a scenario writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class Draft:
    """What a generator gives: header fields in order (without Date and Message-ID) and the text of the body."""

    headers: tuple[tuple[str, str], ...]
    body: str
    html: str | None = None
    attachments: tuple[tuple[str, bytes], ...] = ()  # (file name, content)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a generator is told: whom the mail is from and to, and the only randomness it may use."""

    sender: str
    recipients: tuple[str, ...]
    random: Random


Generator = Callable[[Brief], Draft]

generators: Registry[Generator] = Registry("generator", "harness.corpus.generators")
