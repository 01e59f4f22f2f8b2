"""mailbox_tokens - RFC 822 tokens and the addresses among them, as Postfix's tok822_parse.c finds them.

The address parser is right to left and forgiving: what it does not understand it leaves alone, and two
words that stand side by side make two addresses.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["atom", "string", "literal", "comment", "operator"]

_SPACE = " \t\r\n"
_OPERATORS = '|%!()<>@,;:\\".[]'


class Token(NamedTuple):
    """One token, its text without quotes, brackets and backslashes (a comment keeps them all)."""

    kind: Kind
    text: str


def scan(text: str) -> list[Token]:
    """The tokens of a text, white space dropped.  Never raises: what is not closed ends with the text."""
    tokens: list[Token] = []
    at, end = 0, len(text)
    while at < end:
        char = text[at]
        if char in _SPACE:
            at += 1
        elif char == "(":
            start, at = at, _comment_end(text, at + 1)
            tokens.append(Token("comment", text[start:at]))
        elif char == "[":
            content, at = _collect(text, at + 1, "]")
            tokens.append(Token("literal", content))
            at += 1
        elif char == '"':
            content, at = _collect(text, at + 1, '"')
            tokens.append(Token("string", content))
            at += 1
        elif char != "\\" and char in _OPERATORS:
            tokens.append(Token("operator", char))
            at += 1
        else:
            content, at = _collect(text, at, _SPACE + _OPERATORS)
            tokens.append(Token("atom", content))
    return tokens


def group_addresses(text: str) -> tuple[list[list[Token]], int]:
    """The addresses of a text, each as its tokens, left to right; and how many tokens belong to none of them.

    Angle brackets are not counted.  Commas that are missing between addresses are supplied, and counted.
    """
    tokens = scan(text)
    addresses: list[list[Token]] = []
    between: list[Token] = []  # what stands right of this place and belongs to no address yet, last token first
    others = 0
    word_ok, in_group = True, False
    at = len(tokens) - 1

    def group(*, comma: bool = False) -> None:
        nonlocal others
        if between:
            addresses.append(between[::-1])
            between.clear()
            others += comma

    def pass_until(stops: str) -> None:
        """Leave tokens alone, up to one of these operators."""
        nonlocal at, others
        while at >= 0 and not (tokens[at].kind == "operator" and tokens[at].text in stops):
            others += tokens[at].text != "<" or tokens[at].kind != "operator"
            at -= 1

    while at >= 0:
        kind, char = tokens[at]
        if kind == "comment":
            others += 1
        elif kind != "operator":
            if not word_ok:
                group(comma=True)
            between.append(tokens[at])
            word_ok = False
        elif char == ";":  # the right end of a named group
            group(comma=True)
            others += 1
            word_ok = in_group = True
        elif char == ":" and in_group:
            group()
            pass_until(",")
            continue
        elif char == ">":
            group(comma=True)
            at -= 1
            while at >= 0 and not (tokens[at].kind == "operator" and tokens[at].text == "<"):
                if tokens[at].kind == "comment":
                    others += 1
                else:
                    between.append(tokens[at])
                at -= 1
            group()
            pass_until(">;,:")
            if at >= 0 and tokens[at].text == ":" and not in_group:
                others += 1
                at -= 1
            word_ok = True
            continue
        elif char == ",":
            group()
            others += 1
            word_ok = True
        else:
            between.append(tokens[at])
            word_ok = True
        at -= 1
    group()
    return addresses[::-1], others


def internal_form(address: list[Token]) -> str:
    """The tokens of one address as one text: strings without their quotes."""
    return "".join(f"[{token.text}]" if token.kind == "literal" else token.text for token in address)


def _collect(text: str, at: int, stops: str) -> tuple[str, int]:
    """Text up to one of the stops, a backslash protecting the next character; and the place of that stop."""
    content: list[str] = []
    end = len(text)
    while at < end:
        char = text[at]
        if char == "\\":
            at += 1
            if at == end:
                break
            char = text[at]
        elif char in stops:
            break
        content.append(" " if char in _SPACE else char)
        at += 1
    return "".join(content), at


def _comment_end(text: str, at: int) -> int:
    """The place behind the comment whose bracket opened just before: comments nest."""
    depth = 1
    while at < len(text):
        char = text[at]
        at += 2 if char == "\\" else 1
        depth += (char == "(") - (char == ")")
        if not depth:
            break
    return min(at, len(text))
