"""mime_names - parameters of MIME headers, and every spelling of the file names in them.

A file has as many names as there are readers.  `name` may differ from `filename`, RFC 2231 pieces from both, and
clients decode RFC 2047 words where RFC 2047 forbids them: whoever looks for a bad name must look at all of them.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

# One parameter up to the next semicolon outside quotes; a quote that never closes runs to the end.
_PIECE = re.compile(rb'(?:[^;"]+|"(?:[^"\\]+|\\.)*(?:"|\\?\Z))+', re.DOTALL)
_QUOTED = re.compile(rb'"((?:[^"\\]+|\\.)*)(?:"|\\?\Z)', re.DOTALL)
_WORD = re.compile(rb"=\?([!-<>@-~]{1,64})\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN_WORDS = re.compile(rb"(\?=)[ \t\r\n]+(=\?)")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_CONTINUED = re.compile(r"(.+?)\*(?:(\d{1,9})(\*)?)?\Z")

# Codecs that are no character sets, or whose decoders are slow on hostile input.
_NOT_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `name=value`: the name in lower case, the value as written (quotes and all), and without its quotes."""

    name: str
    written: bytes
    value: bytes


def split_value(value: bytes) -> tuple[str, tuple[Parameter, ...]]:
    """The main value of a structured header (lower case, comments and blanks gone) and its parameters, in order."""
    pieces = [found[0] for found in _PIECE.finditer(value)]
    if not pieces:
        return "", ()
    # A header that begins with a parameter has no main value.
    main = b"" if value.lstrip()[:1] == b";" else _without_comments(pieces.pop(0))
    parameters: list[Parameter] = []
    for piece in pieces:
        name, equals, written = piece.partition(b"=")
        if b"(" in name:
            name, equals, written = _without_comments(piece).partition(b"=")
        if equals:
            written = written.strip()
            parameters.append(Parameter(name.strip().lower().decode("latin-1"), written, _unquoted(written)))
    return b"".join(main.split()).lower().decode("latin-1"), tuple(parameters)


def parameter_values(parameters: Iterable[Parameter], name: str) -> tuple[str, ...]:
    """Every value that some reader may see under this name, likeliest first, each once, control characters kept.

    RFC 2231 forms (charset, percent signs, numbered pieces in order of number), plain values, encoded words decoded
    and not, and for an unquoted value with blanks also its first word.
    """
    values: list[str] = []
    numbered: list[tuple[int, bool, bytes]] = []
    for parameter in parameters:
        if parameter.name == name:
            values += _spellings(parameter)
        elif match := _CONTINUED.match(parameter.name):
            if match[1] != name:
                continue
            if match[2] is None:
                values.insert(0, _charset_value(parameter.value))
            else:
                numbered.append((int(match[2]), match[3] is not None, parameter.value))
    if numbered:
        values.insert(0, _joined(numbered))
    return tuple(dict.fromkeys(value for value in values if value))


def decode_words(value: bytes) -> str:
    """Text with its RFC 2047 words decoded, whatever stands around them; undecodable bytes become U+FFFD."""
    if b"=?" not in value:
        return value.decode("utf-8", "replace")
    value = _BETWEEN_WORDS.sub(rb"\1\2", value)
    parts: list[str] = []
    position = 0
    for word in _WORD.finditer(value):
        parts.append(value[position : word.start()].decode("utf-8", "replace"))
        content = word[3]
        if word[2] in b"qQ":
            content = binascii.a2b_qp(content.replace(b"_", b" "), header=True)
        else:
            kept = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
            kept = kept[: len(kept) - (len(kept) % 4 == 1)]
            content = binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
        parts.append(decode_text(content, word[1].partition(b"*")[0].decode("ascii", "replace")))
        position = word.end()
    parts.append(value[position:].decode("utf-8", "replace"))
    return "".join(parts)


def decode_text(data: bytes, charset: str) -> str:
    """Bytes in a named character set as text; a name that is no character set is read as UTF-8.  Never raises."""
    name = charset.strip().lower().replace("-", "_")
    if name and name not in _NOT_CHARSETS and name.replace("_", "").isalnum():
        try:
            return data.decode(name, "replace")
        except (LookupError, ValueError):
            pass
    return data.decode("utf-8", "replace")


def _spellings(parameter: Parameter) -> list[str]:
    """One plain value as different readers see it."""
    value = parameter.value
    found = [decode_words(value), value.decode("utf-8", "replace")]
    if parameter.written[:1] == b'"':
        # Backslashes: escapes for the RFC, path separators for a Windows client.
        found.append(parameter.written.strip(b'"').decode("utf-8", "replace"))
    elif words := _without_comments(value).split(None, 1):
        found.append(words[0].decode("utf-8", "replace"))
    return found


def _charset_value(value: bytes) -> str:
    """`charset'language'percent-encoded` (RFC 2231 4), or the percent-encoded text alone."""
    charset, quote, rest = value.partition(b"'")
    _, second, text = rest.partition(b"'")
    if not (quote and second):
        charset, text = b"", value
    return decode_text(_unpercent(text), charset.decode("latin-1"))


def _joined(numbered: list[tuple[int, bool, bytes]]) -> str:
    """The numbered pieces in order of their numbers; gaps are closed, as clients do."""
    numbered.sort(key=lambda piece: piece[0])
    charset, first = b"", numbered[0][2]
    if numbered[0][1] and first.count(b"'") >= 2:
        charset, _, first = first.split(b"'", 2)
    pieces = [_unpercent(first) if numbered[0][1] else first]
    pieces += [_unpercent(value) if encoded else value for _, encoded, value in numbered[1:]]
    return decode_text(b"".join(pieces), charset.decode("latin-1"))


def _unpercent(value: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), value)


def _unquoted(written: bytes) -> bytes:
    """The value without its quotes and escapes, line ends of folding removed."""
    if b"\n" in written:
        written = written.replace(b"\r\n", b"\n").replace(b"\n", b"")
    if b'"' not in written:
        return written.strip()
    # Text before, between and after quoted strings belongs to the value too: a lenient reader joins them.
    return _QUOTED.sub(lambda match: re.sub(rb"\\(.)", rb"\1", match[1], flags=re.DOTALL), written)


def _without_comments(text: bytes) -> bytes:
    """The text without its parenthesised comments (nested ones too); quoted strings are left alone."""
    if b"(" not in text:
        return text
    kept = bytearray()
    depth, quoted, position, end = 0, False, 0, len(text)
    while position < end:
        char = text[position : position + 1]
        if char == b"\\" and (quoted or depth):
            if not depth:
                kept += text[position : position + 2]
            position += 2
            continue
        if char == b'"' and not depth:
            quoted = not quoted
        elif char == b"(" and not quoted:
            depth += 1
        if not depth:
            kept += char
        elif char == b")":
            depth -= 1
        position += 1
    if depth:
        return text  # never closed: no comment, so that nothing can hide behind a lone parenthesis
    return bytes(kept)
