"""registry: members find themselves, and a name can be taken only once."""

from __future__ import annotations

import pytest

from harness.errors import UnknownMember
from harness.registry import Registry


@pytest.fixture
def registry() -> Registry[str]:
    made: Registry[str] = Registry("colour", "harness.corpus.generators")  # any folder whose import does no harm
    made.register("red", "crimson")("RED")
    return made


def test_a_member_answers_to_each_of_its_names(registry: Registry[str]) -> None:
    assert registry["red"] == registry["crimson"] == "RED"
    assert list(registry) == ["crimson", "red"]


def test_an_unknown_name_gets_the_nearest_right_one(registry: Registry[str]) -> None:
    with pytest.raises(UnknownMember, match="no colour 'rad'; did you mean 'red'"):
        registry["rad"]
    assert registry.get("rad") is None
    assert "rad" not in registry


def test_two_members_cannot_claim_one_name(registry: Registry[str]) -> None:
    with pytest.raises(ValueError, match="two members claim colour 'red'"):
        registry.register("red")("ROUGE")
