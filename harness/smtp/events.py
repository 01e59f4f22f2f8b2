"""events - what a peer did, as the sans-IO cores tell it.

The two that come with every command and message are named tuples: they cost a third of a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class CommandReceived(NamedTuple):
    """One command line, without its line end.  `more`: bytes were already waiting behind it (pipelining)."""

    line: bytes
    more: bool = False
    waiting: bytes = b""  # up to the first 100 of those bytes, for the log
    bare_newline: bool = False  # ended by LF alone


@dataclass(frozen=True, slots=True)
class LineTooLong:
    """A command line past line_length_limit; what followed the limit was dropped up to the line end."""

    line: bytes


class DataReceived(NamedTuple):
    """A whole message after DATA, or after the last BDAT chunk: LF line ends, dot-unstuffed.

    `size_bytes` counts each line as its length plus 2, as Postfix does; past the limit the rest is read and dropped.
    """

    data: bytes
    size_bytes: int
    too_big: bool = False
    bare_newline: bool = False  # a bare LF was seen: refused, mended or let pass, as the settings say
    more: bool = False
    waiting: bytes = b""


@dataclass(frozen=True, slots=True)
class ChunkReceived:
    """A BDAT chunk that was not the last one."""

    size_bytes: int
    too_big: bool = False
    bare_newline: bool = False  # a bare LF was seen, and is not to be


@dataclass(frozen=True, slots=True)
class BareNewline:
    """smtpd_forbid_bare_newline = reject, and a bare LF ended a command: the session is over."""


@dataclass(frozen=True, slots=True)
class ProxyReceived:
    """A PROXY v1 or v2 header: who the client says it is (None: LOCAL or UNKNOWN)."""

    source: tuple[str, int] | None
    destination: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class ProxyMalformed:
    """What came instead of a PROXY header, and why it is none: the session is over."""

    why: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The peer closed its side."""


Event = (
    CommandReceived | LineTooLong | DataReceived | ChunkReceived | BareNewline | ProxyReceived | ProxyMalformed | Closed
)
