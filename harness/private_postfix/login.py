"""login - a Dovecot auth server that knows nobody; without one, a smtpd that is to know logins does not start. (IO)

smtpd connects to it at its start, reads which mechanisms there are, and never asks for more: who has logged in, the
scenario says.  Source: Dovecot's "Authentication Protocol v1.1", smtpd_sasl_type in postconf(5).
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import cast

SOCKET = "login"  # below the laboratory's directory
_HELLO = b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n"


async def serve(socket: Path) -> asyncio.Server:
    """Listen at this path, for whoever runs smtpd."""

    server = await asyncio.get_running_loop().create_unix_server(_Greeter, socket)  # in the place of an old one
    os.chmod(socket, 0o666)  # noqa: PTH101  # smtpd is not root
    return server


class _Greeter(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(_HELLO)


def parameters(socket: Path) -> dict[str, str]:
    """What main.cf says of it.  AUTH is offered to nobody: the reference gateway does not know it either."""
    return {
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": f"unix:{socket}",
        "smtpd_sasl_security_options": "noanonymous",
        "smtpd_sasl_exceptions_networks": "static:all",
    }
