"""schema: what the published JSON Schema accepts is what `load` accepts."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from harness.schema import schema, schema_text


class Core(yaml.SafeLoader):
    """YAML 1.2, as editors read it: `on` is a word, and so are `no` and `yes`."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, regex) for tag, regex in resolvers if first in "tTfF" or not tag.endswith(":bool")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").rglob("*.yaml"))


def test_the_schema_is_one_and_prints_as_json() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(schema_text()) == schema()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_every_shipped_scenario_fits_the_schema(path: Path) -> None:
    document = yaml.load(path.read_text("utf-8"), Core)
    jsonschema.validate(document, schema())


def test_a_misspelt_key_does_not_fit() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"title": "t", "gateway": {"config": "x"}, "sesions": []}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(
            {"title": "t", "gateway": {"config": "x"}, "sessions": [{"id": "a", "expect": {"rctp": 1}}]}, schema()
        )
