"""sample - one SMTP session of a corpus: who connects, the envelope, the content, and what is known of its worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.replay.identity import Identity
from harness.replay.script import Script

Label = Literal["ham", "spam", "malware", "unknown"]
LABELS: tuple[Label, ...] = ("ham", "spam", "malware", "unknown")

# The tags of scenarios that say what a session's mail is worth.
_TAGS: dict[str, Label] = {
    "clean": "ham", "ham": "ham", "legit": "ham", "spam": "spam", "spoofed": "spam", "smuggling": "spam",
    "malware": "malware", "virus": "malware", "eicar": "malware", "double-extension": "malware",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A session to be decided.

    `name` and `reverse_name` are the client's, or None where the corpus's DNS world tells them.  An empty `helo` stands
    for what a decent client says: its name, or its address literal.  `data` has CRLF line ends and is not dot-stuffed.
    With a `script` the dialogue is played as it is written, and `data` is only there to be shown.
    """

    id: str
    client: str
    sender: str = ""
    recipients: tuple[str, ...] = ()
    data: bytes = b""
    label: Label = "unknown"
    helo: str = ""
    name: str | None = None
    reverse_name: str | None = None
    params: str = ""  # of MAIL: SIZE=..., BODY=8BITMIME
    login: str | None = None
    origin: str = ""  # where it was found: file, and place in it
    script: Script | None = None
    identity: Identity | None = None  # of a script: who the gateway is told is calling


@dataclass(frozen=True, slots=True)
class Broken:
    """Something in a corpus that makes no session, and why not."""

    id: str
    why: str


def label_of(tags: tuple[str, ...]) -> Label:
    """What tags say of a mail's worth: the first one that says anything."""
    return next((_TAGS[tag] for tag in tags if tag in _TAGS), "unknown")
