"""schema - the JSON Schema of scenario files, for editors: made from the same dataclasses that `load` checks with."""

from __future__ import annotations

import json
from typing import Any

from harness import expectation as contract
from harness.load import written_as
from harness.scenario import Scenario


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one scenario file, the expectations of both levels included."""
    from pydantic import TypeAdapter

    made: dict[str, Any] = TypeAdapter(Scenario).json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "mailgauntlet scenario"
    for name in ("Send", "HopRule"):
        owner = made["$defs"][name]
        owner["properties"] = {written_as(key): value for key, value in owner["properties"].items()}
    keys = {name: {"description": _summary(contract.expectations[name])} for name in contract.expectations}
    for owner, key in ((made["$defs"]["Session"], "expect"), (made, "after")):
        owner["properties"][key] = {
            "type": "object",
            "description": "what must have come of it",
            "additionalProperties": False,
            "properties": keys,
        }
    for definition in (made, *made["$defs"].values()):
        definition["additionalProperties"] = False
    _scalars_as_text(made)
    return made


def schema_text() -> str:
    """The schema as indented JSON, keys sorted."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


def _summary(member: type) -> str:
    return (member.__doc__ or "").strip().partition("\n")[0]


def _scalars_as_text(node: Any) -> None:
    """Where text is expected a number or a bare true may stand: YAML users write `message_size_limit: 100`."""
    if isinstance(node, dict):
        if node.get("type") == "string" and "enum" not in node and "const" not in node:
            node["type"] = ["string", "number", "boolean"]
        for value in node.values():
            _scalars_as_text(value)
    elif isinstance(node, list):
        for value in node:
            _scalars_as_text(value)
