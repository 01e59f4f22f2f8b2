"""yara_rules - the one home of yara-x: rules compiled once, objects scanned in bounded time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from harness.errors import ConfigError
from harness.gateway.rule import Rule

_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class YaraMatch:
    """A rule that matched: its name, whether it calls the object infected or only suspicious, and its line."""

    name: str
    cls: Literal["infected", "suspicious"]
    rule: Rule


class YaraRules:
    """All rule files as one set.  `meta: class = "suspicious"` and `meta: name = "..."` of a rule are obeyed."""

    def __init__(self, sources: dict[str, str]) -> None:
        """`sources` maps file names, as errors show them, to their text.  Raises ConfigError (file:line)."""
        import yara_x

        compiler = yara_x.Compiler()
        compiler.enable_includes(False)
        self.lines: dict[tuple[str, str], Rule] = {}
        for file, text in sources.items():
            compiler.new_namespace(file)
            try:
                compiler.add_source(text, origin=file)
            except yara_x.CompileError as error:
                first = compiler.errors()[-1]
                raise ConfigError(
                    f"bad rule: {first.get('title', error)}", file=file, line=first.get("line", 0)
                ) from None
            for number, line in enumerate(text.splitlines(), 1):
                words = line.replace(":", " ").replace("{", " ").split()
                if "rule" in words[:3] and words.index("rule") + 1 < len(words):
                    name = words[words.index("rule") + 1]
                    self.lines[file, name] = Rule(file, number, line.strip())
        self.scanner: Any = yara_x.Scanner(compiler.build())
        self.scanner.set_timeout(_TIMEOUT_S)

    def matches(self, data: bytes) -> list[YaraMatch]:
        """The rules that match.  Raises what yara-x raises when the time is over."""
        found: list[YaraMatch] = []
        for rule in self.scanner.scan(data).matching_rules:
            meta = dict(rule.metadata)
            cls: Literal["infected", "suspicious"] = "suspicious" if meta.get("class") == "suspicious" else "infected"
            line = self.lines.get((rule.namespace, rule.identifier), Rule(rule.namespace, 0, rule.identifier))
            found.append(YaraMatch(str(meta.get("name", rule.identifier)), cls, line))
        return found
