"""smtp_client: what is said to a next hop, and what is made of its answers."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from harness.gateway.dsn import Wanted
from harness.gateway.smtp_client import Envelope, Manners, Sent, send

MANNERS = Manners()
ENVELOPE = Envelope("a@good.test", ("u@ok.test",))


class Hop:
    """A next hop that offers these extensions, answers as told, and keeps the commands."""

    def __init__(self, extensions: tuple[str, ...] = (), answers: dict[str, str] | None = None) -> None:
        self.extensions, self.answers = extensions, {} if answers is None else answers
        self.heard: list[str] = []
        self.content: list[bytes] = []
        self.over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await self._talk(reader, writer)
            await writer.drain()
        writer.transport.abort()
        self.over.set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.answers.get("", "220 hop").encode() + b"\r\n")
        while line := await reader.readline():
            command = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
            self.heard.append(command)
            verb = command.partition(" ")[0]
            answer = self.answers.get(command) or self.answers.get(verb)
            if answer == "(hangs up)":
                break
            if answer == "(says nothing)":
                continue
            if answer is None and verb == "EHLO":
                answer = "\r\n".join(["250-hop", *(f"250-{words}" for words in self.extensions), "250 HELP"])
            elif answer is None:
                answer = "354 go" if verb == "DATA" else "250 2.0.0 Ok"
            writer.write(answer.encode() + b"\r\n")
            if verb == "DATA" and answer.startswith("354"):
                while (line := await reader.readline()) not in (b".\r\n", b""):
                    self.content.append(line)
                writer.write(self.answers.get("end", "250 2.0.0 Ok: kept").encode() + b"\r\n")

    def send(self, envelope: Envelope = ENVELOPE, data: bytes = b"Subject: x\n\nhi\n", how: Manners = MANNERS) -> Sent:
        async def run() -> Sent:
            server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
            async with server:
                address = server.sockets[0].getsockname()
                try:
                    return await send(address, "hop[192.0.2.25]:25", "gw.ok.test", envelope, data, how)
                finally:
                    await self.over.wait()
                    await asyncio.sleep(0)

        return asyncio.run(run())


@pytest.mark.parametrize(
    ("extensions", "commands"),
    [
        ((), ["MAIL FROM:<a@good.test>", "RCPT TO:<u@ok.test>"]),
        (("SIZE 100", "8BITMIME"), ["MAIL FROM:<a@good.test> SIZE=15", "RCPT TO:<u@ok.test>"]),
        (
            ("DSN",),
            [
                "MAIL FROM:<a@good.test> ENVID=abc+2Bd RET=HDRS",
                "RCPT TO:<u@ok.test> ORCPT=rfc822;old+2Bx@x.test NOTIFY=SUCCESS,DELAY",
            ],
        ),
    ],
)
def test_wishes_go_to_whoever_understands_them(extensions: tuple[str, ...], commands: list[str]) -> None:
    hop = Hop(extensions)
    wanted = {"u@ok.test": Wanted(("SUCCESS", "DELAY"), "rfc822;old+x@x.test")}
    sent = hop.send(Envelope("a@good.test", ("u@ok.test",), "abc+d", "HDRS", wanted))
    assert hop.heard[1:3] == commands
    assert sent.dsn == ("DSN" in extensions)


def test_a_next_hop_with_dsn_is_told_the_recipient_even_if_nobody_asked() -> None:
    hop = Hop(("DSN",))
    hop.send()
    assert hop.heard[2] == "RCPT TO:<u@ok.test> ORCPT=rfc822;u@ok.test"


def test_eight_bits_are_announced() -> None:
    hop = Hop(("8BITMIME", "SMTPUTF8"))
    hop.send(Envelope("a@good.test", ("ü@ok.test",), utf8=True, needs_utf8=True), "Subject: x\n\nü\n".encode())
    assert hop.heard[1] == "MAIL FROM:<a@good.test> BODY=8BITMIME SMTPUTF8"


def test_what_needs_smtputf8_goes_nowhere_without() -> None:
    hop = Hop(("8BITMIME",))
    sent = hop.send(Envelope("a@good.test", ("ü@ok.test",), utf8=True, needs_utf8=True))
    assert sent.lost == ("5.6.7", "SMTPUTF8 is required, but was not offered by host hop[192.0.2.25]")
    assert not any(command.startswith("MAIL") for command in hop.heard)
    hop = Hop()
    assert hop.send(Envelope("a@good.test", ("u@ok.test",), utf8=True)).lost is None, "asked for, and not needed"
    assert hop.heard[1] == "MAIL FROM:<a@good.test>"


@pytest.mark.parametrize("piped", [True, False])
@pytest.mark.parametrize(
    ("answers", "code", "command"),
    [
        ({"": "554 not you"}, 554, "initial server greeting"),
        ({"EHLO": "500 what", "HELO": "550 no"}, 550, "HELO"),
        ({"MAIL": "451 4.3.0 later"}, 451, "MAIL FROM"),
        ({"RCPT": "550 5.1.1 gone"}, 550, "RCPT TO"),
        ({"DATA": "450 4.3.0 later"}, 450, "DATA"),
        ({"end": "550 5.7.1 virus"}, 550, "end of DATA"),
        ({"EHLO": "500 what"}, 250, "end of DATA"),
    ],
)
def test_the_reply_that_decides(answers: dict[str, str], code: int, command: str, piped: bool) -> None:
    hop = Hop(("PIPELINING",) if piped else (), answers)
    sent = hop.send()
    reply, said_to = sent.replies["u@ok.test"]
    assert (reply.code, said_to, sent.lost) == (code, command, None)
    assert bool(hop.content) is (command == "end of DATA"), "content for nobody is not sent"
    assert hop.heard[-1] == "QUIT"


def test_who_offers_pipelining_is_told_all_at_once() -> None:
    """One write for the envelope, one for content and QUIT, as smtp(8) of 3.7.11 was seen to do."""

    class Slow(Hop):
        async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for said in (
                b"220 hop\r\n",
                b"250-hop\r\n250 PIPELINING\r\n",
                b"250 a\r\n550 5.1.1 b\r\n250 c\r\n354 d\r\n",
                b"250 2.0.0 e\r\n",
            ):
                writer.write(said)
                self.heard.append((await reader.read(65536)).decode())

    hop = Slow()
    sent = hop.send(Envelope("a@good.test", ("u@ok.test", "v@ok.test")))
    assert hop.heard[1:3] == [
        "MAIL FROM:<a@good.test>\r\nRCPT TO:<u@ok.test>\r\nRCPT TO:<v@ok.test>\r\nDATA\r\n",
        "Subject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n",
    ]
    assert {name: reply.code for name, (reply, _) in sent.replies.items()} == {"u@ok.test": 550, "v@ok.test": 250}


def test_who_takes_data_for_nobody_is_told_an_end_and_nothing_else() -> None:
    class Odd(Hop):
        async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for said in (
                b"220 hop\r\n",
                b"250-hop\r\n250 PIPELINING\r\n",
                b"250 a\r\n550 5.1.1 b\r\n354 d\r\n",
                b"554 5.5.1 e\r\n",
            ):
                writer.write(said)
                self.heard.append((await reader.read(65536)).decode())

    hop = Odd()
    sent = hop.send()
    assert hop.heard[2] == ".\r\nQUIT\r\n"
    assert sent.replies["u@ok.test"][0].code == 550


@pytest.mark.parametrize(("answers", "code", "command"), [
    ({"MAIL": "421 4.3.2 busy", "RCPT": "(hangs up)"}, 421, "MAIL FROM"),
    ({"RCPT": "450 4.2.0 no", "DATA": "(hangs up)"}, 450, "RCPT TO"),
])  # fmt: skip
def test_what_was_answered_counts_though_the_connection_is_lost_behind_it(
    answers: dict[str, str], code: int, command: str
) -> None:
    sent = Hop(("PIPELINING",), answers).send()
    reply, said_to = sent.replies["u@ok.test"]
    assert (reply.code, said_to) == (code, command)


def test_each_recipient_has_its_own_reply() -> None:
    hop = Hop(answers={"RCPT TO:<v@ok.test>": "550 5.1.1 gone"})
    sent = hop.send(Envelope("", ("u@ok.test", "v@ok.test")))
    assert {recipient: reply.code for recipient, (reply, _) in sent.replies.items()} == {
        "u@ok.test": 250,
        "v@ok.test": 550,
    }
    assert hop.heard[1] == "MAIL FROM:<>"


def test_a_lost_connection_says_where_it_was_lost() -> None:
    sent = Hop(answers={"RCPT": "(hangs up)"}).send()
    assert (sent.replies, sent.lost) == ({}, ("4.4.2", "lost connection with hop[192.0.2.25] while sending RCPT TO"))


def test_what_was_refused_before_the_connection_was_lost_stays_refused() -> None:
    hop = Hop(answers={"RCPT TO:<v@ok.test>": "550 5.1.1 gone", "DATA": "(hangs up)"})
    sent = hop.send(Envelope("", ("u@ok.test", "v@ok.test")))
    assert [(recipient, reply.code) for recipient, (reply, _) in sent.replies.items()] == [("v@ok.test", 550)]
    assert sent.lost == ("4.4.2", "lost connection with hop[192.0.2.25] while sending DATA command")


def test_a_silent_next_hop_is_given_up_after_its_timeout() -> None:
    hop = Hop(answers={"MAIL": "(says nothing)"})
    sent = hop.send(how=Manners(mail_s=0.01))
    assert sent.lost == ("4.4.2", "conversation with hop[192.0.2.25] timed out while sending MAIL FROM")


def test_a_client_that_slept_itself_waits_anew() -> None:
    class Stopping(Hop):
        async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 hop\r\n")
            self.heard.append((await reader.readline()).decode())
            threading.Event().wait(0.2)  # the process as a whole: client, next hop and loop
            for _ in range(5):  # and then the next hop has its turn later than the client's timer
                await asyncio.sleep(0)
            writer.write(b"550 no EHLO\r\n")
            self.heard.append((await reader.readline()).decode())
            writer.write(b"550 5.7.1 no HELO\r\n")
            await reader.read()

    hop = Stopping()
    sent = hop.send(how=Manners(helo_s=0.1))
    assert sent.lost is None and sent.replies["u@ok.test"][1] == "HELO" and len(hop.heard) == 2


@pytest.mark.parametrize(
    ("level", "offered", "answer", "lost"),
    [
        ("may", ("STARTTLS",), None, None),
        ("encrypt", (), None, ("4.7.4", "TLS is required, but was not offered by host hop[192.0.2.25]")),
        (
            "encrypt",
            ("STARTTLS",),
            "454 4.7.0 not now",
            ("4.7.0", "TLS is required, but host hop[192.0.2.25] refused to start TLS: 454 4.7.0 not now"),
        ),
        ("encrypt", ("STARTTLS",), "220 go", ("4.7.5", "Cannot start TLS: handshake failure")),
    ],
)
def test_where_tls_is_required_nothing_goes_without(
    level: str, offered: tuple[str, ...], answer: str | None, lost: tuple[str, str] | None
) -> None:
    hop = Hop(offered, {"STARTTLS": answer} if answer else {})
    assert hop.send(how=Manners(tls=level)).lost == lost
    assert any(command.startswith("MAIL") for command in hop.heard) == (lost is None)
