"""parameters - every main.cf parameter of Postfix 3.7: its kind, its default, its limits.

The table itself is parameters.tsv: name, kind, smallest, largest (0 = no such limit), default as postconf -d shows it.
Defaults that Postfix works out at run time (myhostname, mynetworks, ...) are empty there; settings.py fills them in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.errors import ConfigError
from harness.gateway.lines import WHITESPACE

_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_INT_MAX = 0x7FFF_FFFF
_LONG_MAX = 0x7FFF_FFFF_FFFF_FFFF

# Limits of single transports, named after a master.cf service: postconf(5), "transport-specific".
_SERVICE_SUFFIXES = re.compile(
    r"\w[\w-]*_(?:destination_(?:concurrency_(?:failed_cohort_limit|limit|negative_feedback|positive_feedback)"
    r"|rate_delay|recipient_limit)|delivery_slot_(?:cost|discount|loan)|minimum_delivery_slots|extra_recipient_limit"
    r"|initial_destination_concurrency|recipient_(?:limit|refill_delay|refill_limit)|transport_rate_delay|time_limit)"
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What Postfix knows about one parameter; `default` is unexpanded."""

    name: str
    kind: str  # bool int time str
    smallest: int
    largest: int
    default: str


@cache
def parameters() -> dict[str, Parameter]:
    """All parameters by name."""
    table = Path(__file__).with_name("parameters.tsv").read_text(encoding="ascii")
    known: dict[str, Parameter] = {}
    for row in table.splitlines():
        name, kind, smallest, largest, default = row.split("\t")
        known[name] = Parameter(name, kind, int(smallest), int(largest), default)
    return known


def parameter(name: str) -> Parameter | None:
    """What is known of this parameter, transport-specific names included; None when Postfix has none of this name."""
    known = parameters()
    if name in known:
        return known[name]
    if _SERVICE_SUFFIXES.fullmatch(name):
        # `slow_destination_rate_delay` is `default_destination_rate_delay` for the service `slow`.
        likes = (f"smtp_{name[cut + 1 :]}" for cut, letter in enumerate(name) if letter == "_")
        like = next((known[other] for other in likes if other in known), None)
        return Parameter(name, like.kind if like else "str", 0, 0, like.default if like else "")
    return None


def boolean(name: str, value: str, *, file: str, line: int) -> bool:
    """yes or no, in any case.  Raises ConfigError as the daemon would stop.  Source: mail_conf_bool(3)."""
    match value.lower():
        case "yes":
            return True
        case "no":
            return False
    raise ConfigError(f"bad boolean configuration: {name} = {value}", file=file, line=line)


def number(name: str, value: str, *, file: str, line: int) -> int:
    """A whole number within its limits.  Raises ConfigError.  Source: mail_conf_int(3), mail_conf_long(3)."""
    digits = re.fullmatch(r"[ \t\n\v\f\r]*[+-]?[0-9]{1,20}", value)
    if not digits or abs(int(value)) > (_LONG_MAX if name in _LONG else _INT_MAX):
        raise ConfigError(f"bad numerical configuration: {name} = {value}", file=file, line=line)
    _check_limits(name, int(value), file, line)
    return int(value)


def seconds(name: str, value: str, unit: str, *, file: str, line: int) -> int:
    """A time such as `5d`, in s; `unit` counts when none is written.  Raises ConfigError.  Source: mail_conf_time."""
    written = re.fullmatch(r"[ \t\n\v\f\r]*\+?([0-9]{1,10})(.?)", value, re.DOTALL)
    scale = _UNITS.get(written[2] or unit) if written else None
    if written is None or scale is None or int(written[1]) * scale > _INT_MAX:
        raise ConfigError(f"parameter {name}: bad time value or unit: {value}", file=file, line=line)
    time_s = int(written[1]) * scale
    _check_limits(name, time_s, file, line)
    return time_s


def unit_of(default: str) -> str:
    """The unit of a time that is written without one: that of the default.  Source: mail_conf_time(3)."""
    last = default.rstrip(WHITESPACE)[-1:]
    return last if last in _UNITS else "s"


_LONG = frozenset({"message_size_limit", "mailbox_size_limit", "virtual_mailbox_limit"})


def _check_limits(name: str, value: int, file: str, line: int) -> None:
    known = parameter(name)
    if known is None:
        return
    if known.smallest and value < known.smallest:
        what = f"invalid {name} parameter value {value} < {known.smallest}"
    elif known.largest and value > known.largest:
        what = f"invalid {name} parameter value {value} > {known.largest}"
    else:
        return
    raise ConfigError(what, file=file, line=line)
