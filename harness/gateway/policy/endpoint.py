"""endpoint - check_policy_service as configured: where the server is, and how patient we are with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from harness.gateway.lines import BraceError, name_and_value, unbraced, words
from harness.gateway.settings import Settings

_TIME = re.compile(r"(\d+)([smhdw]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

DEFAULT_ACTION = "451 4.3.5 Server configuration problem"


@dataclass(frozen=True, slots=True)
class Service:
    """One policy server: its name as written (the log calls it so), address, and limits."""

    name: str
    path: str  # of a unix-domain socket; "" for TCP
    host: str
    port: str
    timeout_s: float
    retry_delay_s: float
    try_limit: int
    default_action: str
    context: str


def parse_service(spec: str, settings: Settings) -> Service:
    """`inet:host:port`, `unix:path`, or `{ either, attribute=value, ... }`.

    Raises ValueError in Postfix's words.  A relative path is one below the queue directory.
    Source: SMTPD_POLICY_README, policy_client_register in smtpd_check.c.
    """
    values: dict[str, Any] = {
        "timeout": settings.seconds("smtpd_policy_service_timeout"),
        "retry_delay": settings.seconds("smtpd_policy_service_retry_delay"),
        "try_limit": settings.number("smtpd_policy_service_try_limit"),
        "default_action": settings.text("smtpd_policy_service_default_action"),
        "policy_context": settings.text("smtpd_policy_service_policy_context"),
    }
    name = spec
    if spec.startswith("{"):
        if not spec.endswith("}"):
            raise ValueError(f"policy service syntax error: missing '}}' in \"{spec}\"")
        inside = spec[1:-1].strip()
        name, _, rest = inside.replace(",", " ", 1).partition(" ")
        if not name:
            raise ValueError(f'empty policy service: "{spec}"')
        _override(values, rest, spec)
    path, host, port = _address(name, settings)
    return Service(
        spec if not spec.startswith("{") else name,
        path,
        host,
        port,
        values["timeout"],
        values["retry_delay"],
        values["try_limit"],
        values["default_action"],
        values["policy_context"],
    )


def _override(values: dict[str, Any], rest: str, spec: str) -> None:
    for _, word in words(rest):  # `name = value` with blanks takes braces of its own (attr_override.c)
        try:
            key, value, _ = name_and_value(unbraced(word) if word.startswith("{") else word)
        except BraceError as error:
            raise ValueError(f'malformed option: {error}: "...{word}..."') from None
        match key:
            case "timeout" | "retry_delay":
                time = _TIME.fullmatch(value)
                if time is None:
                    raise ValueError(f'bad time value or unit: "{value}" in "{spec}"')
                values[key] = int(time[1]) * _UNITS[time[2]]
            case "try_limit":
                if not value.isdigit():
                    raise ValueError(f'bad numerical value: "{value}" in "{spec}"')
                values[key] = int(value)
            case "default_action" | "policy_context":
                values[key] = value
            case "max_idle" | "max_ttl" | "request_limit":
                pass  # about connections that are kept; ours end with their session
            case _:
                raise ValueError(f'unknown attribute name: "{key}" in "{spec}"')


def _address(name: str, settings: Settings) -> tuple[str, str, str]:
    kind, _, rest = name.partition(":")
    if kind == "unix":
        return rest if rest.startswith("/") else f"{settings.text('queue_directory')}/{rest}", "", ""
    host, colon, port = (rest if kind == "inet" else name).rpartition(":")
    if not colon:
        raise ValueError(f"bad policy service address: {name}")
    return "", host.strip("[]") or "127.0.0.1", port
