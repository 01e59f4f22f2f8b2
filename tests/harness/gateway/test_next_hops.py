"""next_hops: when connections are kept, and when they are not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.gateway.next_hops import Keeping, NextHops, keeping
from harness.gateway.settings import Settings
from harness.gateway.smtp_client import Envelope, Manners, Sent

KEEP = Keeping(on_demand=True, idle_s=2.0, life_s=300.0, uses=0, rset_s=1.0)
MAIL = ["MAIL FROM:<a@good.test>", "RCPT TO:<u@ok.test>", "DATA"]


class Hop:
    """A next hop that tells its connections apart."""

    def __init__(self) -> None:
        self.heard: list[list[str]] = []
        self.answers: dict[str, bytes] = {}
        self.writers: list[asyncio.StreamWriter] = []
        self.ended: list[int] = []
        self.over = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, commands = len(self.heard), list[str]()
        self.heard.append(commands)
        self.writers.append(writer)
        writer.write(b"220 hop\r\n")
        while line := (await reader.readline()).decode().rstrip():
            commands.append(line)
            await self.go_on.wait()
            answer = self.answers.get(line, b"354 go\r\n" if line == "DATA" else b"250 2.0.0 Ok\r\n")
            if answer.startswith(b"354"):
                writer.write(answer)
                await reader.readuntil(b"\r\n.\r\n")
                answer = b"250 2.0.0 Ok\r\n"
            writer.write(answer)
            if line == "QUIT" or answer.startswith(b"421"):
                break
        writer.close()
        self.ended.append(number)
        self.over.set()

    async def until_ended(self, number: int) -> None:
        async with asyncio.timeout(5):
            while number not in self.ended:
                self.over.clear()
                await self.over.wait()


Send = Callable[[], Awaitable[Sent]]


def with_hop(keep: Keeping | None, test: Callable[[Hop, NextHops, Send], Awaitable[None]]) -> Hop:
    async def run() -> Hop:
        hop = Hop()
        server = await asyncio.start_server(hop.serve, "127.0.0.1", 0)
        hops = NextHops("gw.ok.test", Manners(), keep)
        envelope = Envelope("a@good.test", ("u@ok.test",))

        async def send() -> Sent:
            sent = await hops.send(
                "[hop.ok.test]", server.sockets[0].getsockname(), "hop[192.0.2.25]:25", envelope, b"Subject: x\n\nhi\n"
            )
            assert sent.replies["u@ok.test"][0].code == 250
            return sent

        async with server:
            await test(hop, hops, send)
            hops.stop()
            for number in range(len(hop.heard)):
                await hop.until_ended(number)
            await asyncio.sleep(0)
        return hop

    return asyncio.run(run())


def test_connections_are_kept_once_mail_comes_back_to_back() -> None:
    """As 3.7.11 was seen to do: the first mail has a connection for itself, the third finds that of the second."""

    async def three(hop: Hop, hops: NextHops, send: Send) -> None:
        assert hops.kept("[hop.ok.test]") == ""
        assert [(await send()).uses for _ in range(4)] == [1, 1, 2, 3]
        assert hops.kept("[hop.ok.test]") == "hop[192.0.2.25]:25" and hops.kept("other") == ""
        hops.stop()
        assert hops.kept("[hop.ok.test]") == ""

    assert with_hop(KEEP, three).heard == [
        ["EHLO gw.ok.test", *MAIL, "QUIT"],
        ["EHLO gw.ok.test", *MAIL, "RSET", *MAIL, "RSET", *MAIL, "QUIT"],
    ]


@pytest.mark.parametrize("keep", [None, Keeping(on_demand=False, idle_s=2.0, life_s=300.0, uses=0, rset_s=1.0)])
def test_without_demand_each_mail_goes_its_own_way(keep: Keeping | None) -> None:
    async def three(hop: Hop, hops: NextHops, send: Send) -> None:
        assert [(await send()).uses for _ in range(3)] == [1, 1, 1]

    assert with_hop(keep, three).heard == [["EHLO gw.ok.test", *MAIL, "QUIT"]] * 3


def test_mails_at_the_same_time_have_connections_of_their_own() -> None:
    async def many(hop: Hop, hops: NextHops, send: Send) -> None:
        await send()
        hop.go_on.clear()
        sending = [asyncio.ensure_future(send()) for _ in range(3)]
        async with asyncio.timeout(5):
            while len(hop.heard) < 4:  # noqa: ASYNC110  # one turn of the loop each
                await asyncio.sleep(0)
        hop.go_on.set()
        await asyncio.gather(*sending)
        assert sorted([(await one).uses for one in [asyncio.ensure_future(send()) for _ in range(3)]]) == [2, 2, 2]

    assert len(with_hop(KEEP, many).heard) == 4


@pytest.mark.parametrize("how", ["closes", "answers RSET with 421", "speaks up"])
def test_a_connection_that_is_no_good_any_more_costs_nothing(how: str) -> None:
    async def run(hop: Hop, hops: NextHops, send: Send) -> None:
        await send()
        await send()
        if how == "closes":
            hop.writers[1].close()
        elif how == "speaks up":
            hop.writers[1].write(b"421 4.3.2 bye\r\n")
        else:
            hop.answers["RSET"] = b"421 4.3.2 bye\r\n"
        await asyncio.sleep(0)
        assert (await send()).uses == 1

    assert len(with_hop(KEEP, run).heard) == 3


@pytest.mark.parametrize(("keep", "uses"), [
    (Keeping(on_demand=True, idle_s=2.0, life_s=0.0, uses=0, rset_s=1.0), [1, 1, 1]),
    (Keeping(on_demand=True, idle_s=2.0, life_s=300.0, uses=2, rset_s=1.0), [1, 1, 2, 1, 2]),
])  # fmt: skip
def test_a_connection_is_used_so_long_and_so_often(keep: Keeping, uses: list[int]) -> None:
    async def run(hop: Hop, hops: NextHops, send: Send) -> None:
        assert [(await send()).uses for _ in uses] == uses

    with_hop(keep, run)


def test_who_waits_too_long_is_told_goodbye() -> None:
    async def run(hop: Hop, hops: NextHops, send: Send) -> None:
        await send()
        await send()
        await hop.until_ended(1)  # nobody stopped anything

    keep = Keeping(on_demand=True, idle_s=0.02, life_s=300.0, uses=0, rset_s=1.0)
    assert with_hop(keep, run).heard[1][-1] == "QUIT"


def test_limits_are_those_of_main_cf(tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_text("smtp_connection_cache_time_limit = 5s\nsmtp_connection_reuse_count_limit = 7\n")
    found = keeping(Settings.load(tmp_path))
    assert found == Keeping(on_demand=True, idle_s=5.0, life_s=300.0, uses=7, rset_s=20.0)
