"""check_policy_service over a real socket on the loopback."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from harness.errors import ConfigError

LIST = "smtpd_recipient_restrictions"
OPEN = "reject_unauth_destination"


def ask(bench, answer: bytes, config=None, recipient="u@ok.test", unix=None, spec="inet:127.0.0.1:{port}"):
    """(reply, what the server heard, the bench) with a server that gives this answer to every request."""
    heard: list[dict[str, str]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            text = (await reader.readuntil(b"\n\n")).decode()
            heard.append(dict(line.split("=", 1) for line in text.splitlines() if line))
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def run():
        if unix:
            server = await asyncio.start_unix_server(serve, unix)
            where = f"unix:{unix}"
        else:
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            where = spec.format(port=server.sockets[0].getsockname()[1])
        async with server:
            b = bench({LIST: f"check_policy_service {where}, {OPEN}"} | (config or {}))
            s = b.session()
            s.phase, s.where, s.recipient = "rcpt", "RCPT", recipient
            decision = await b.policy.rcpt(s)
        return str(decision.reply or ""), heard, b

    return asyncio.run(run())


def test_action_is_read_like_a_table_value(bench):
    reply, heard, _ = ask(bench, b"action=REJECT 5.7.9 not today\n\n")
    assert reply == "554 5.7.9 <u@ok.test>: Recipient address rejected: not today"
    assert heard[0]["request"] == "smtpd_access_policy"
    assert heard[0]["protocol_state"] == "RCPT"
    assert (heard[0]["sender"], heard[0]["recipient"]) == ("a@good.test", "u@ok.test")
    assert (heard[0]["client_address"], heard[0]["client_name"]) == ("192.0.2.7", "mail.ok.test")
    assert heard[0]["recipient_count"] == "0"
    assert list(heard[0])[:3] == ["request", "protocol_state", "protocol_name"]


def test_dunno_goes_on(bench):
    assert ask(bench, b"action=DUNNO\n\n", recipient="u@far.test")[0] == "554 5.7.1 <u@far.test>: Relay access denied"


def test_unix_socket(bench, tmp_path):
    assert ask(bench, b"action=OK\n\n", recipient="u@far.test", unix=str(tmp_path / "s"))[0] == ""


@pytest.mark.parametrize("answer", [b"", b"nonsense\n\n", b"reply=OK\n\n"])
def test_server_that_makes_no_sense_gets_the_default_action(bench, answer):
    config = {"smtpd_policy_service_try_limit": "1"}
    reply, _, b = ask(bench, answer, config)
    assert reply == "451 4.3.5 <u@ok.test>: Recipient address rejected: Server configuration problem"
    assert any(line.startswith("warning: problem talking to server inet:127.0.0.1:") for line in b.log)


def test_default_action_and_limits_of_one_service(bench):
    spec = "{{ inet:127.0.0.1:{port}, timeout=1s, try_limit=1, default_action=DUNNO, policy_context=here }}"
    reply, heard, _ = ask(bench, b"nonsense\n\n", spec=spec)
    assert reply == ""
    assert heard[0]["policy_context"] == "here"


def test_default_action_that_asks_again_ends(bench):
    config = {"smtpd_policy_service_try_limit": "1", "smtpd_restriction_classes": "again"}
    config |= {"smtpd_policy_service_default_action": "again", "again": "check_policy_service unix:/nonexistent/s"}
    b = bench(config | {LIST: f"again, {OPEN}"})
    assert b.rcpt() == "451 4.3.5 <u@ok.test>: Recipient address rejected: Server configuration problem"


def test_missing_server_name_is_a_mistake_when_reached(bench):
    b = bench({LIST: f"check_policy_service, {OPEN}"})
    assert b.rcpt() == "451 4.3.5 Server configuration error"
    assert b.log[0] == "warning: restriction check_policy_service must be followed by transport:server"


def test_service_with_a_bad_attribute_does_not_start(bench):
    with pytest.raises(ConfigError, match="unknown attribute name"):
        bench({LIST: f"check_policy_service {{ inet:127.0.0.1:1, colour=red }}, {OPEN}"})
