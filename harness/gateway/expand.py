"""expand - `$name` in a value -> text, each piece knowing which parameter's text it was copied from.

The grammar, as mac_parse(3) and mac_expand(3) read it:

    $name ${name} $(name)   the value of name, itself expanded; nothing when there is no such name
    ${name?text}            text when name has a non-empty value        ${name:text}   text when it has not
    ${name?{text}:{text}}   one or the other                            $$             a dollar sign
    ${{text} op {text} ...} the same after a comparison: == != < <= >= >, numbers as numbers, or with
                            `level` right after the operator, compatibility levels
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.gateway.lines import WHITESPACE, encode

Lookup = Callable[[str], str | None]
"""Parameter name -> its unexpanded value, or None."""

MAX_NESTING = 100
TRUE = "true"  # MAC_EXP_BVAL_TRUE: what a comparison without `?` is worth

_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_OPERATORS: dict[str, Callable[[int], bool]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
    ">": lambda order: order > 0,
}
_EXPECTED = '"==" or "!="" or "<"" or "<="" or ">="" or ">"'  # with the stray quotes of Postfix 3.7
_LEVEL = 10  # bits of the minor version and of the patch level


class ExpandError(Exception):
    """Text that Postfix cannot expand, in its words; a daemon stops with `macro processing error`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text copied verbatim from one place: `offset` in the value of the parameter `source`."""

    text: str
    source: str
    offset: int


def expand(text: str, lookup: Lookup) -> str:
    """The text with every macro replaced.  Raises ExpandError."""
    if "$" not in text:
        return text
    return "".join(piece.text for piece in expand_pieces("", text, lookup))


def expand_pieces(source: str, text: str, lookup: Lookup) -> tuple[Piece, ...]:
    """The same, in pieces; `source` names the parameter whose value the text is.  Raises ExpandError."""
    if "$" not in text:
        return (Piece(text, source, 0),)
    expansion = _Expansion(lookup)
    expansion.parse(text, source, 0)
    return tuple(expansion.pieces)


class _Expansion:
    """One call of mac_expand: the result so far, and how deep we are."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup, self.pieces, self.level = lookup, list[Piece](), 0

    def parse(self, text: str, source: str, base: int) -> None:
        """mac_parse: cut the text into literals and references."""
        position, end, start = 0, len(text), 0
        while True:
            dollar = text.find("$", position)
            if dollar < 0:
                self._literal(text[start:end], source, base + start)
                return
            if text[dollar + 1 : dollar + 2] == "$":
                self._literal(text[start : dollar + 1], source, base + start)
                start = position = dollar + 2
                continue
            self._literal(text[start:dollar], source, base + start)
            body, position = reference(text, dollar + 1)
            start = position
            opened = text[dollar + 1] in "({"
            self._reference(body, source, base + dollar + (2 if opened else 1))

    def _literal(self, text: str, source: str, offset: int) -> None:
        if text:
            self.pieces.append(Piece(text, source, offset))

    def _reference(self, body: str, source: str, base: int) -> None:
        """mac_expand_callback: what stands between the braces, or a bare name."""
        self.level += 1
        if self.level > MAX_NESTING:
            raise ExpandError(f'unreasonable macro call nesting: "{body}"')
        position = _blanks(body, 0)
        operator = ""
        value: str | None
        if body[position : position + 1] == "{":
            value, position = self._comparison(body, position)
            if position < len(body):
                operator = body[position]
                if operator not in "?:":
                    raise ExpandError(f'"?" or ":" expected at: "...}}>>>{body[position:][:20]}"')
        else:
            begin = position
            while position < len(body) and body[position] in _NAME:
                position += 1
            name = body[begin:position]
            position = _blanks(body, position)
            if position < len(body):
                operator = body[position]
                if operator not in "?:":
                    at = begin + len(name)
                    raise ExpandError(f'attribute name syntax error at: "...{body[:at]}>>>{body[at:][:20]}"')
            value = self.lookup(name)
        if operator:
            self._choose(body, position + 1, operator, bool(value), source, base)
        elif value:
            if body[:1] == "{" or body.lstrip(WHITESPACE)[:1] == "{":
                self._literal(value, source, base)
            else:
                self.parse(value, name, 0)
        self.level -= 1

    def _choose(self, body: str, position: int, operator: str, true: bool, source: str, base: int) -> None:
        """The operands after `?` or `:`; only the chosen one is expanded."""
        if operator == "?":
            offset, text, position = _operand(body, position)
            if true:
                self.parse(text, source, base + offset)
            if position >= len(body):
                return
            if body[position] != ":":
                raise ExpandError(f'":" expected at: "...{text}}}>>>{body[position:][:20]}"')
            position += 1
        offset, text, position = _operand(body, position)
        if not true:
            self.parse(text, source, base + offset)
        if position < len(body):
            raise ExpandError(f'unexpected input at: "...{text}}}>>>{body[position:][:20]}"')

    def _comparison(self, body: str, position: int) -> tuple[str, int]:
        """`{left} op {right}` -> ("true" or "", where it ends)."""
        _, left, position = _payload(body, position)
        end = position
        while end < len(body) and body[end] in "<>!=?+-*/~&|%":
            end += 1
        holds = _OPERATORS.get(body[position:end])
        if holds is None:
            raise ExpandError(f'{_EXPECTED} expected at: "...{left}}}>>>{body[position:][:20]}"')
        operator, position = body[position:end], end
        while end < len(body) and body[end] in _NAME:
            end += 1
        suffix = body[position:end]
        if suffix not in ("", "level"):
            raise ExpandError(f'bad operator suffix at: "...{operator}>>>{body[position:][:20]}"')
        brace = _blanks(body, end)
        if body[brace : brace + 1] != "{":
            written = f"{{{left}}} {operator}{suffix}"
            raise ExpandError(f'"{{expression}}" expected at: "...{written}>>>{body[end:][:20]}"')
        _, right, position = _payload(body, brace)
        first, second = expand(left, self.lookup), expand(right, self.lookup)
        order = _level_order(first, second) if suffix else _order(first, second)
        return (TRUE if holds(order) else ""), position


def reference(text: str, position: int) -> tuple[str, int]:
    """After a `$` at position-1: (what it refers to, where that ends).  Raises ExpandError as mac_parse warns."""
    opener = text[position : position + 1]
    if opener in ("{", "("):
        closer, level, end = ("}" if opener == "{" else ")"), 1, position + 1
        while level:
            if end >= len(text):
                raise ExpandError(f'truncated macro reference: "{text}"')
            if text[end] == opener:
                level += 1
            elif text[end] == closer:
                level -= 1
            end += 1
        body = text[position + 1 : end - 1]
    else:
        end = position
        while end < len(text) and text[end] in _NAME:
            end += 1
        body = text[position:end]
    if not body:
        raise ExpandError(f'empty macro name: "{text}"')
    return body, end


def _payload(body: str, position: int) -> tuple[int, str, int]:
    """At a `{`: (offset of what is inside, what is inside, where the text goes on)."""
    level = 0
    for end in range(position, len(body)):
        if body[end] == "{":
            level += 1
        elif body[end] == "}":
            level -= 1
            if level == 0:
                return position + 1, body[position + 1 : end], _blanks(body, end + 1)
    raise ExpandError(f'unbalanced {{}} in attribute expression: "{body[position:]}"')


def _operand(body: str, position: int) -> tuple[int, str, int]:
    """A braced operand, or the raw rest of the text."""
    brace = _blanks(body, position)
    if body[brace : brace + 1] == "{":
        return _payload(body, brace)
    return position, body[position:], len(body)


def _order(left: str, right: str) -> int:
    """Negative, 0 or positive: as numbers when both are digits only, else byte by byte (mac_exp_eval)."""
    if left.isascii() and left.isdigit() and right.isascii() and right.isdigit():
        for digits in (left, right):
            # strtol(3); longer digit strings would also exceed Python's own conversion limit.
            if len(digits.lstrip("0")) > 19 or int(digits) > 0x7FFF_FFFF_FFFF_FFFF:
                raise ExpandError(f"mac_exp_eval: bad conversion: {digits}")
        return int(left) - int(right)
    return (encode(left) > encode(right)) - (encode(left) < encode(right))


def _level_order(left: str, right: str) -> int:
    return compatibility_level(left) - compatibility_level(right)


def compatibility_level(text: str) -> int:
    """`3.6` -> a number that compares as the level does.  Raises ExpandError.  Source: compat_level(3)."""
    parts = [part.lstrip(WHITESPACE) for part in text.split(".")]
    good = len(parts) <= 3 and all(part.isascii() and part.isdigit() and len(part) <= 19 for part in parts)
    numbers = [int(part) for part in parts] if good else []
    if not good or any(number >= 1 << _LEVEL for number in numbers[1:]):
        raise ExpandError(f'malformed compatibility level syntax: "{text}"')
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major << 2 * _LEVEL | minor << _LEVEL | patch


def _blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in WHITESPACE:
        position += 1
    return position
