"""importer - contract: mail from life -> samples.  Members live in importers/ and say which paths are theirs.

Where an envelope is not recorded it is read from the header, by these rules:
- sender: Return-Path, else the address in `envelope-from` of a Received field, else From; `<>` is the null sender;
- recipients: Delivered-To, else X-Original-To, else Envelope-To, else the `for <...>` of Received, else To and Cc;
- client and HELO: the first Received field from the top whose `from` names a public address, and is not a hand-over
  inside (see `inside`); `from HELO (NAME [ADDRESS])` as Postfix, sendmail and Exim write it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from typing import Protocol

from harness.corpus.sample import Broken, Label, Sample
from harness.errors import NothingToDo, UsageError
from harness.gateway.message import parse_message
from harness.registry import Registry

MOST_BYTES = 64 << 20  # of one message: what is larger is reported, not read


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says of the mail that is imported."""

    label: Label = "unknown"
    inside: tuple[str, ...] = ()  # networks whose hand-overs are not the client we look for
    client: str = ""  # of mail that does not tell: an address
    recipient: str = ""  # likewise


class Importer(Protocol):
    """One form in which mail is kept."""

    def claims(self, path: Path) -> bool:
        """Is this path one of ours?"""
        ...

    def read(self, path: Path, wishes: Wishes) -> Iterator[Sample | Broken]:
        """Every mail, in order; what cannot be read is Broken.  Raises OSError when nothing can."""
        ...


importers: Registry[type[Importer]] = Registry("importer", "harness.corpus.importers")


def import_all(paths: list[Path], wishes: Wishes, form: str = "") -> Iterator[Sample | Broken]:
    """The mail of every path, in order; `form` names the importer, otherwise the path decides.  Raises HarnessError."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or directory")
        if form and form not in importers:
            raise UsageError(f"--form: {importers.unknown(form)}")
        names = [form] if form else list(importers)
        found = next((made for name in names if (made := importers[name]()) and (form or made.claims(path))), None)
        if found is None:
            if path.is_dir():
                raise NothingToDo(f"{path}: no mail in this directory, in none of: {', '.join(importers)}")
            raise UsageError(f"{path}: in no form that is known: {', '.join(importers)}; say which with --form")
        try:
            yield from found.read(path, wishes)
        except OSError as error:
            yield Broken(str(path), error.strerror or str(error))


_FROM = re.compile(r"\s*from\s+(\S+)(.*)", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]")
_NAMED = re.compile(r"\(\s*(?:HELO\s+\S+\s+|EHLO\s+\S+\s+)?([A-Za-z0-9._-]+\.[A-Za-z0-9-]+)\.?\s+\[")
_ENVELOPE_FROM = re.compile(r"envelope-from\s+<([^>]*)>", re.IGNORECASE)
_FOR = re.compile(r"\bfor\s+<([^>]+)>", re.IGNORECASE)
_ANGLES = re.compile(r"<([^<>]*)>")
_BARE = re.compile(r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+")


def sample_of(data: bytes, id: str, origin: str, wishes: Wishes) -> Sample | Broken:
    """The session that may have brought this message.  Broken when it tells no recipient and the user neither."""
    if len(data) > MOST_BYTES:
        return Broken(origin, f"{len(data)} bytes: more than the {MOST_BYTES} that are read")
    data = data.replace(b"\r\n", b"\n")
    message = parse_message(data)
    received = [header.text for header in message.headers if header.name.lower() == "received"]

    def first(*names: str) -> list[str]:
        for name in names:
            texts = [header.text for header in message.headers if header.name.lower() == name]
            if found := [address for text in texts for address in _addresses(text)]:
                return found
        return []

    recipients = first("delivered-to", "x-original-to", "envelope-to") or _found(_FOR, received) or first("to", "cc")
    if not recipients and wishes.recipient:
        recipients = [wishes.recipient]
    if not recipients:
        return Broken(origin, "no recipient: no Delivered-To, X-Original-To, Envelope-To, Received, To or Cc tells one")
    sender = _sender(message.text("Return-Path"), _found(_ENVELOPE_FROM, received), message.text("From"))
    client, name, helo = _client(received, wishes)
    if not client:
        return Broken(origin, "no client: no Received field tells a public address; say which with --client")
    content = _without_envelope(data).replace(b"\n", b"\r\n")
    return Sample(
        id, client, sender, tuple(dict.fromkeys(recipients)), content, wishes.label, helo, name, name, origin=origin
    )  # fmt: skip


def _sender(path: str, envelope: list[str], author: str) -> str:
    for text in (path, *(f"<{one}>" for one in envelope[:1]), author):
        if "<>" in text.replace(" ", ""):
            return ""
        if found := _addresses(text):
            return found[0]
    return ""


def _addresses(text: str) -> list[str]:
    """The addresses in a header field; of one that is badly written, whatever stands in brackets or has an @."""
    found = [address.strip() for _, address in getaddresses([text]) if "@" in address]
    return found or [one.strip() for one in _ANGLES.findall(text) if one.strip()] or _BARE.findall(text)


def _found(pattern: re.Pattern[str], texts: list[str]) -> list[str]:
    return [match[1] for text in texts if (match := pattern.search(text))]


def _client(received: list[str], wishes: Wishes) -> tuple[str, str | None, str]:
    """(address, verified name or None, HELO) of whoever handed the mail to us."""
    for text in received:
        match = _FROM.match(text)
        if match is None:
            continue
        clause = re.split(r"\sby\s", match[2], maxsplit=1)[0]
        if address := _public(match[1] + clause, wishes.inside):
            named = _NAMED.search(clause)
            name = named[1] if named and named[1].lower() != "unknown" else None
            return address, name, match[1] if "[" not in match[1] or match[1].startswith("[") else ""
    return wishes.client, None, ""


def _public(text: str, inside: tuple[str, ...]) -> str:
    for found in _ADDRESS.findall(text):
        try:
            address = ipaddress.ip_address(found)
        except ValueError:
            continue
        if address.is_loopback or any(address in ipaddress.ip_network(network, strict=False) for network in inside):
            continue
        return str(address)
    return ""


_OURS = (b"return-path:", b"delivered-to:", b"x-original-to:", b"envelope-to:")


def _without_envelope(data: bytes) -> bytes:
    """The message without the fields that the final delivery put in front of it."""
    head, gap, body = data.partition(b"\n\n")
    fields = re.split(rb"\n(?![ \t])", head)
    return b"\n".join(field for field in fields if not field.lower().startswith(_OURS)) + gap + body
