"""docs/rav.md speaks of every key, action, event, variable and feature that there is, and of their defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.gateway.content.rav_keys import ANTISPAM_KEYS, CHAINS, DEFINITIONS, FILES, LEGAL
from harness.gateway.content.score import FEATURES
from harness.gateway.content.template import DEFAULTS, VARIABLES

TEXT = (Path(__file__).parents[1] / "docs" / "rav.md").read_text("utf-8")
NAMES = sorted({*(key for keys in FILES.values() for key in keys), *ANTISPAM_KEYS, *DEFAULTS, *VARIABLES})


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there(name: str) -> None:
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("setting", LEGAL)
def test_every_chain_with_its_legal_actions_and_its_default(setting: str) -> None:
    default = ", ".join(CHAINS.get(setting, ("add_header", "deliver")))
    (row,) = (
        line for line in TEXT.splitlines() if line.startswith(f"| `{setting}`") and line.endswith(f"| {default} |")
    )
    assert f"| {', '.join(LEGAL[setting])} |" in row


@pytest.mark.parametrize(("name", "weight"), [(name, weight) for name, weight, _ in FEATURES])
def test_every_feature_with_its_weight(name: str, weight: float) -> None:
    assert f"| {name} | {weight:g} |\n" in TEXT


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_definition(name: str) -> None:
    assert f"`@{name}@`" in TEXT
