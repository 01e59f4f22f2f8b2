"""maincf - the text of main.cf -> what it sets, and the line on which each character of a value was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.errors import ConfigError
from harness.gateway.lines import BraceError, LogicalLine, logical_lines, name_and_value

MAIN_CF = "main.cf"


@dataclass(frozen=True, slots=True)
class Setting:
    """One `name = value`, unexpanded, and where it is written."""

    name: str
    value: str
    file: str  # "main.cf", or "set" for what a scenario puts on top
    line: int  # where it begins; 0 when it is in no file
    written: LogicalLine | None = None
    value_offset: int = 0  # of the value in that logical line

    def line_at(self, offset: int) -> int:
        """The line that the character at this offset of the value stands on."""
        return self.written.line_at(self.value_offset + offset) if self.written else self.line


def parse_main_cf(text: str, path: str, warn: Callable[[str], None]) -> dict[str, Setting]:
    """Every parameter that the text sets, the last one of each name; `path` is its name in warnings.

    Raises ConfigError at a line without a name or an equals sign.  Source: dict_load_fp(3), postconf(5).
    """
    settings: dict[str, Setting] = {}
    for line in logical_lines(text, path, warn):
        try:
            name, value, offset = name_and_value(line.text)
        except BraceError as error:
            raise ConfigError(f'{error}: "{line.text}"', file=MAIN_CF, line=line.number) from None
        if name in settings and settings[name].value != value:
            warn(f"{path}, line {line.number}: overriding earlier entry: {name}={settings[name].value}")
        settings[name] = Setting(name, value, MAIN_CF, line.number, line, offset)
    return settings
