"""yara_rules: what a rule says of its class and name, and where it stands."""

from __future__ import annotations

from harness.gateway.content.yara_rules import YaraRules

TEXT = """rule Plain { strings: $a = "xyz" condition: $a }
rule Doubtful : tag {
  meta: class = "suspicious" name = "Test.Doubtful"
  strings: $a = { 61 ?? 63 }
  condition: $a at 0 }
"""


def test_names_classes_and_lines() -> None:
    rules = YaraRules({"rav/signatures/a.yar": TEXT, "rav/signatures/b.yar": "rule Plain { condition: filesize > 90 }"})
    found = [(match.name, match.cls, match.rule.file, match.rule.line) for match in rules.matches(b"abc xyz")]
    assert found == [
        ("Plain", "infected", "rav/signatures/a.yar", 1), ("Test.Doubtful", "suspicious", "rav/signatures/a.yar", 2),
    ]  # fmt: skip
    assert not rules.matches(b"nothing")
