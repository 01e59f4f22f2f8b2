"""document - a YAML file as plain values, and the line each of them stands on.

YAML 1.2 core rules, not 1.1's: `no`, `off`, `010` and `12:30` are text.  Everything is text, in fact, unless it stands
below one of the keys that take values of any type.  A key given twice is an error, wherever it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from harness.errors import ScenarioError

Lines = dict[tuple[str | int, ...], int]

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NULL = ("", "~", "null", "Null", "NULL")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(path: Path, typed_below: tuple[str, ...] = ()) -> tuple[dict[str, Any], Lines]:
    """The mapping a file holds, and the line of every path in it.  Raises ScenarioError with file:line."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ScenarioError(error.strerror or str(error), file=str(path)) from None
    except UnicodeDecodeError as error:
        raise ScenarioError(f"not UTF-8 text: {error.reason} at byte {error.start}", file=str(path)) from None
    try:
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ScenarioError(
            f"not YAML: {error.problem or error.context}", file=str(path), line=mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"not YAML: {error}", file=str(path)) from None
    if not isinstance(node, yaml.MappingNode):
        raise ScenarioError("a scenario is a mapping of keys to values", file=str(path), line=1)
    lines: Lines = {}
    return _value(node, (), lines, str(path), typed_below, False), lines


def _value(
    node: yaml.Node, at: tuple[str | int, ...], lines: Lines, file: str, typed_below: tuple[str, ...], typed: bool
) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    match node:
        case yaml.MappingNode():
            made: dict[str, Any] = {}
            for key_node, value_node in node.value:
                line = key_node.start_mark.line + 1
                if not isinstance(key_node, yaml.ScalarNode):
                    raise ScenarioError("a key is a single word or text", file=file, line=line)
                key = _field(key_node.value, at)
                if key in made:
                    raise ScenarioError(f"key {key_node.value!r} is given twice", file=file, line=line)
                lines[(*at, key)] = line
                made[key] = _value(value_node, (*at, key), lines, file, typed_below, typed or key in typed_below)
            return made
        case yaml.SequenceNode():
            return [
                _value(item, (*at, index), lines, file, typed_below, typed) for index, item in enumerate(node.value)
            ]
        case yaml.ScalarNode():
            if node.style in ("|", ">"):
                lines[at] = node.start_mark.line + 2  # the first line of the block itself
            return _scalar(node, typed)
    raise AssertionError(node)


def _field(key: str, at: tuple[str | int, ...]) -> str:
    """Python keeps the word `from` for itself: of a mail, and of a rule about mails, it is the field `sender`."""
    return "sender" if key == "from" and (at[-1:] == ("send",) or at[:2] == ("next_hop", "rules")) else key


def _scalar(node: yaml.ScalarNode, typed: bool) -> Any:
    text = str(node.value)
    if node.style:  # quoted, or a block
        return text
    if text in _NULL:
        return None
    if not typed:
        return text
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
