"""login: the auth server that smtpd needs to take XCLIENT LOGIN for a login."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from harness.private_postfix import login


def test_it_says_which_mechanisms_there_are_and_waits(tmp_path: Path) -> None:
    async def ask() -> bytes:
        server = await login.serve(tmp_path / login.SOCKET)
        with socket.socket(socket.AF_UNIX) as smtpd:
            smtpd.setblocking(False)
            smtpd.connect(str(tmp_path / login.SOCKET))
            said = await asyncio.get_running_loop().sock_recv(smtpd, 4096)
        server.close()
        return said

    assert b"\nMECH\tPLAIN\tplaintext\n" in asyncio.run(ask())


def test_main_cf_knows_where_it_is(tmp_path: Path) -> None:
    assert login.parameters(tmp_path)["smtpd_sasl_path"] == f"unix:{tmp_path}"
