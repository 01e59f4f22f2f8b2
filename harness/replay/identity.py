"""identity - who the target is told is calling: XCLIENT or PROXY before the session, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.smtp.proxy import build_v1, build_v2
from harness.smtp.xclient import UNAVAILABLE, format_command


@dataclass(frozen=True, slots=True)
class Identity:
    """A client as the scenario describes it; names may be [UNAVAILABLE] or [TEMPUNAVAIL]."""

    address: str
    port: int | None = None
    name: str = "[UNAVAILABLE]"
    reverse_name: str = "[UNAVAILABLE]"
    helo: str | None = None
    login: str | None = None
    via: Literal["xclient", "proxy", "proxy-v2", "none"] = "xclient"

    def xclient(self, offered: str, port: int) -> bytes:
        """The XCLIENT command, with those of its attributes that the server offers (its EHLO line's words).

        PORT tells one session from another in logs.  Source: XCLIENT_README.
        """
        wanted = {
            "NAME": _word(self.name),
            "ADDR": self.address,
            "PORT": str(self.port or port),
            "REVERSE_NAME": _word(self.reverse_name),
        }
        if self.login is not None:
            wanted["LOGIN"] = self.login
        known = offered.upper().split()
        command = format_command({name: value for name, value in wanted.items() if name in known})
        return command.encode("ascii", "replace") + b"\r\n"

    def unsayable(self, offered: str) -> tuple[str, ...]:
        """What the scenario says of the client and this XCLIENT cannot tell; a name not told would be looked up."""
        wanted = {
            "ADDR": True, "NAME": True, "PORT": self.port is not None,
            "REVERSE_NAME": self.reverse_name != self.name, "LOGIN": self.login is not None,
        }  # fmt: skip
        return tuple(name for name, told in wanted.items() if told and name not in offered.upper().split())

    def proxy(self, target: tuple[str, int], port: int) -> bytes:
        """The PROXY header, of version 2 for `via: proxy-v2` (haproxy's proxy-protocol.txt 2.1 and 2.2).

        No address: the connection is the harness's own (UNKNOWN, LOCAL).
        """
        build = build_v2 if self.via == "proxy-v2" else build_v1
        if not self.address:
            return build(None, None)
        host = (
            target[0] if (":" in target[0]) == (":" in self.address) else "::1" if ":" in self.address else "127.0.0.1"
        )
        return build((self.address, self.port or port), (host, target[1]))


def _word(name: str) -> str:
    return UNAVAILABLE if name == "unknown" else name
