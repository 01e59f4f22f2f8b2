"""address_header - the addresses of a header, found as tok822_parse.c finds them, and the header put together anew.

`"Some Body" <host.user@gw>, other` becomes `"Some Body" <host.user@gw.test>, other@gw.test`: what is no address stays,
but for its white space, comments go to the right of their address, and commas that are missing are put in.  Source:
tok822_parse.c, tok822_externalize, cleanup_fold_header.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.smtp.address import quote_address, unquote_address
from harness.smtp.mailbox_tokens import Token, scan

_COLUMNS = 70  # how many addresses go on one line: as many as fit


@dataclass(slots=True)
class Address:
    """The tokens of one address; or, once it is another one, its text."""

    tokens: list[Token]
    text: str = ""

    def external(self) -> str:
        return self.text or "".join(map(_external, self.tokens))


Node = Token | Address
_COMMA = Token("operator", ",")
_GROUP = Token("operator", "::")  # the colon behind the name of a group, which a blank follows


def rewritten(header: str, change: Callable[[str], str]) -> str | None:
    """The header with each address, in internal form, as `change` has it; None where it changes none."""
    name, _, value = header.partition(":")
    nodes = parse(value)
    changed = False
    for node in nodes:
        if isinstance(node, Address):
            before = node.external()
            after = quote_address(change(unquote_address(before)))
            if after != before:
                node.text, changed = after, True
    return folded(f"{name}: {_joined(nodes)}") if changed else None


def parse(text: str) -> list[Node]:
    """Tokens and addresses, left to right; the parser goes from right to left."""
    nodes: list[Node] = list(scan(text))
    at, right = len(nodes) - 1, len(nodes)
    word_ok, in_group = True, False

    def group(comma: bool = False) -> int:
        """Make what stands between here and `right` an address; gives the place that is `right` now."""
        end = max(right, at + 1)
        between = [node for node in nodes[at + 1 : end] if isinstance(node, Token)]
        if between:
            nodes[at + 1 : end] = [*([_COMMA] if comma else []), Address(between)]
        return at

    def put_aside() -> None:
        """Move a comment to the right of the address it stands in or before."""
        nonlocal at, right
        comment = nodes.pop(at)
        right -= 1
        nodes.insert(right, comment)
        at -= 1

    def skip(stops: str, *, comments: bool = False) -> None:
        nonlocal at
        while at >= 0 and not _is(nodes[at], stops):
            if comments and _kind(nodes[at]) == "comment":
                put_aside()
            else:
                at -= 1

    while at >= 0:
        node = nodes[at]
        kind = _kind(node)
        if kind == "comment":
            put_aside()
            continue
        if _is(node, ";"):
            right, word_ok, in_group = group(True), True, True
        elif _is(node, ":") and in_group:
            nodes[at] = _GROUP
            group()
            skip(",")
            right = at
            continue
        elif _is(node, ">"):
            right = group(True)
            at -= 1
            skip("<", comments=True)
            group()
            skip(">;,:")
            right, word_ok = at, True
            continue
        elif kind in ("atom", "string", "literal"):
            if not word_ok:
                group(True)
                right = at + 1
            word_ok = False
        else:
            if _is(node, ","):
                right = group()
            word_ok = True
        at -= 1
    group()
    return nodes


def folded(header: str) -> str:
    """One address a line -> as many as fit, lines that go on with a tab (cleanup_fold_header, cleanup_out_header)."""
    lines = header.split("\n")
    out, used = lines[0], len(lines[0])
    for line in lines[1:]:
        if used + 1 + len(line) < _COLUMNS:
            out, used = f"{out} {line}", used + 1 + len(line)
        else:
            out, used = f"{out}\n\t{line}", len(line)
    return out


def _joined(nodes: list[Node]) -> str:
    """The text of it, a line feed behind each comma (tok822_externalize with TOK822_STR_HEAD)."""
    text = ""
    for place, node in enumerate(nodes):
        if _is(node, ","):
            text += ",\n"
            continue
        text += node.external() if isinstance(node, Address) else _external(node)
        if place + 1 < len(nodes) and _parted(node, nodes[place + 1]):
            text += " "
    return text


def _parted(node: Node, following: Node) -> bool:
    """Does a blank stand between them?"""
    if node is _GROUP or _is(following, "<"):
        return True
    return _kind(node) != "operator" and _kind(following) != "operator"


def _external(token: Token) -> str:
    match token.kind:
        case "string":
            return '"' + "".join(f"\\{char}" if char in '"\\\r\n' else char for char in token.text) + '"'
        case "literal":
            return "[" + "".join(f"\\{char}" if char in "\\\r\n" else char for char in token.text) + "]"
    return ":" if token is _GROUP else token.text


def _kind(node: Node) -> str:
    return "address" if isinstance(node, Address) else node.kind


def _is(node: Node, operators: str) -> bool:
    return isinstance(node, Token) and node.kind == "operator" and node.text in operators
