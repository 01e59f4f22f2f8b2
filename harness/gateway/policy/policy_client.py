"""policy_client - (IO) the attribute protocol spoken to a policy server: one request, one action."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from harness.gateway.policy.endpoint import Service

MOST_BYTES = 64 * 1024


async def request(service: Service, attributes: Mapping[str, str]) -> tuple[str | None, str]:
    """The server's action, or None; with it the reason of the last failure.

    Tried try_limit times, retry_delay_s apart.  Source: SMTPD_POLICY_README, attr_clnt(3).
    """
    # A session is driven without a task of its own, and a deadline needs one.
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # direct mode: the server is the one thing there that is really asked
        return asyncio.run(_request(service, attributes))
    return await loop.create_task(_request(service, attributes))


async def _request(service: Service, attributes: Mapping[str, str]) -> tuple[str | None, str]:
    text = "".join(f"{name}={_clean(value)}\n" for name, value in attributes.items()) + "\n"
    reason = ""
    for attempt in range(max(service.try_limit, 1)):
        if attempt:
            await asyncio.sleep(service.retry_delay_s)
        try:
            async with asyncio.timeout(service.timeout_s):
                return await _ask(service, text.encode("utf-8", "surrogateescape")), ""
        except TimeoutError:
            reason = "Connection timed out"
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            reason = getattr(error, "strerror", None) or str(error)
    return None, reason


async def _ask(service: Service, data: bytes) -> str:
    if service.path:
        reader, writer = await asyncio.open_unix_connection(service.path, limit=MOST_BYTES)
    else:
        reader, writer = await asyncio.open_connection(service.host, service.port, limit=MOST_BYTES)
    try:
        writer.write(data)
        await writer.drain()
        answer: str | None = None
        while line := (await reader.readuntil(b"\n")).rstrip(b"\r\n"):
            name, equals, value = line.decode("utf-8").partition("=")
            if not equals:
                raise ValueError(f"malformed attribute: {name}")
            if name == "action" and answer is None:
                answer = value
        if answer is None:
            raise ValueError("missing attribute action")
        return answer
    finally:
        writer.close()


def _clean(value: str) -> str:
    """A value on one line: the protocol knows no quoting."""
    return value.replace("\n", "?").replace("\0", "?")
