"""pipeline: nothing is acknowledged before it is safe, and every wish is granted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Open = Callable[..., AbstractAsyncContextManager[Any]]

MAIL = """S: 220
C: EHLO x.test
S: 250
C: MAIL FROM:<a@good.test>
S: 250
C: RCPT TO:<u@ok.test>
S: 250
C: DATA
S: 354
C: Subject: x
C: X-Test: word
C:
C: hi
C: .
"""


def sent(running: Open, answer: str, config: dict[str, str] | None = None, **more: Any) -> Any:
    async def run() -> Any:
        async with running(config, **more) as bench:
            if more.get("broken"):
                bench.queue.rmdir()
            replayed = await bench.chat(f"{MAIL}S: {answer}\nC: QUIT\nS: 221")
            assert not replayed.step_failures, replayed.step_failures
            await bench.gateway.settle()
        return bench

    return asyncio.run(run())


def checks(action: str) -> dict[str, Any]:
    return {"config": {"header_checks": "regexp:/etc/postfix/checks"}, "files": {"checks": f"/^X-Test:/ {action}\n"}}


@pytest.mark.parametrize(
    ("action", "answer", "fate", "recipients"),
    [
        ("REJECT no", "550 5.7.1 no", None, []),
        ("DISCARD", "250 2.0.0 Ok: queued as", "discarded", []),
        ("HOLD", "250 2.0.0 Ok: queued as", "held", []),
        ("REDIRECT other@ok.test", "250 2.0.0 Ok: queued as", "redirected", [("other@ok.test",)]),
        ("BCC more@ok.test", "250 2.0.0 Ok: queued as", "delivered", [("more@ok.test", "u@ok.test")]),
        ("DUNNO", "250 2.0.0 Ok: queued as", "delivered", [("u@ok.test",)]),
    ],
)
def test_wishes(running: Open, action: str, answer: str, fate: str | None, recipients: list[tuple[str, ...]]) -> None:
    bench = sent(running, answer, **checks(action))
    assert [delivery.recipients for delivery in bench.deliveries] == recipients
    assert (fate in [f for _, f in bench.heard.fates]) if fate else not bench.heard.fates
    assert len(bench.heard.ids) == (0 if fate is None else 1)


def test_an_access_map_can_prepend_a_header(running: Open) -> None:
    config = {"smtpd_sender_restrictions": "check_sender_access inline:{{good.test = PREPEND X-Seen: yes}}"}
    bench = sent(running, "250", config)
    assert bench.deliveries[0].data.startswith(b"X-Seen: yes\r\nReceived: ")


def test_a_queue_that_cannot_be_written_is_said_before_the_mail_is_lost(running: Open) -> None:
    async def run() -> None:
        async with running() as bench:
            bench.queue.rmdir()
            replayed = await bench.chat(f"{MAIL}S: 451 4.3.0 Error: queue file write error\nC: QUIT\nS: 221")
            assert not replayed.step_failures, replayed.step_failures
            assert any("write queue file: No such file" in line for line in bench.log)
            assert not bench.heard.ids

    asyncio.run(run())


def test_the_end_of_data_list_leaves_the_transaction_open_as_in_3_7_11(running: Open) -> None:
    config = {"smtpd_end_of_data_restrictions": "reject"}
    text = (
        MAIL
        + "S: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: Access denied\nC: MAIL FROM:<b@good.test>\nS: 503 5.5.1 Error: nested MAIL command"
    )

    async def run() -> None:
        async with running(config) as bench:
            replayed = await bench.chat(text)
            assert not replayed.step_failures, replayed.step_failures

    asyncio.run(run())


def test_groups_of_recipients_get_their_own_mail(running: Open) -> None:
    from harness.corpus.payload import eicar

    files = {
        "rav/global": "warn_administrator = no\nwarn_receiver = no\nact_for_infected_files = reject\n",
        "rav/groups": "@brave@\nmembers = v@ok.test\nact_for_infected_files = ignore\n",
    }
    body = eicar().decode().replace("\\", "\\\\")
    text = (
        "S: 220\nC: EHLO x.test\nS: 250\nC: MAIL FROM:<a@good.test>\nS: 250\nC: RCPT TO:<u@ok.test>\nS: 250\n"
        "C: RCPT TO:<v@ok.test>\nS: 250\nC: DATA\nS: 354\n"
        f"C. Subject: x\\r\\n\\r\\n{body}\\r\\n.\\r\\n\nS: 250\nC: QUIT\nS: 221"
    )

    async def run() -> None:
        async with running(rav={}, files=files) as bench:
            replayed = await bench.chat(text)
            assert not replayed.step_failures, replayed.step_failures
            await bench.gateway.settle()
            assert sorted(d.recipients for d in bench.deliveries) == [("a@good.test",), ("v@ok.test",)]
            assert b"u@ok.test" in bench.heard.notices[0].data and b"<v@ok.test>" not in bench.heard.notices[0].data

    asyncio.run(run())


GROUPS = {
    "rav/global": "warn_administrator = no\nwarn_receiver = no\nact_for_infected_files = reject\n",
    "rav/groups": "@brave@\nmembers = v@ok.test\nact_for_infected_files = ignore\n",
}


def infected(*recipients: str) -> str:
    from harness.corpus.payload import eicar

    rcpts = "".join(f"C: RCPT TO:<{one}>\nS: 250\n" for one in recipients)
    body = eicar().decode().replace("\\", "\\\\")
    return (
        f"S: 220\nC: EHLO x.test\nS: 250\nC: MAIL FROM:<a@good.test>\nS: 250\n{rcpts}C: DATA\nS: 354\n"
        f"C. Subject: x\\r\\n\\r\\n{body}\\r\\n.\\r\\n\n"
    )


@pytest.mark.parametrize("mode", ["before_queue", "after_queue"])
def test_a_mail_in_parts_is_taken_whole_or_not_at_all(running: Open, mode: str) -> None:
    """The second change of the queue, that of the examined mail, fails: the client hears of it, or the mail waits."""
    from harness.gateway.queue import Queue

    real = Queue.commit
    changes: list[list[str]] = []

    async def commit(self: Queue, mails: Any, removed: Any = ()) -> None:
        changes.append([mail.queue_id for mail in mails])
        if len(mails) > 1:
            raise OSError(28, "No space left on device")
        await real(self, mails, removed)

    async def run() -> None:
        answer = "451 4.3.0 Error: queue file write error" if mode == "before_queue" else "250 2.0.0 Ok: queued"
        async with running(rav={"mode": mode}, files=GROUPS) as bench:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(Queue, "commit", commit)
                replayed = await bench.chat(f"{infected('u@ok.test', 'v@ok.test')}S: {answer}\nC: QUIT\nS: 221")
                assert not replayed.step_failures, replayed.step_failures
                await bench.gateway.settle()
            assert max(map(len, changes)) == 2  # the part for v, the bounce about u
            assert not bench.deliveries and not bench.heard.notices
            left = bench.gateway._queue.pending()[0]
            assert [mail.recipients for mail in left] == ([("u@ok.test", "v@ok.test")] if left else [])
            assert bool(left) is (mode == "after_queue") and all(mail.unexamined for mail in left)
        async with running(rav={"mode": mode}, files=GROUPS) as again:
            await again.gateway.settle()
            served = sorted(name for delivery in again.deliveries for name in delivery.recipients)
            assert served == (["a@good.test", "v@ok.test"] if mode == "after_queue" else [])

    asyncio.run(run())


def test_an_engine_that_fails_leaves_the_mail_in_the_queue(running: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.gateway.content.examine import Engine

    async def fails(*arguments: Any) -> Any:
        raise RuntimeError("scanner is broken")

    async def run() -> None:
        shown: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: shown.append(context))
        async with running(rav={"mode": "after_queue"}) as bench:
            monkeypatch.setattr(Engine, "examine", fails)
            await bench.chat(f"{MAIL}S: 250 2.0.0 Ok: queued\nC: QUIT\nS: 221")
            await bench.gateway.settle()
            assert [mail.queue_id for mail in bench.gateway._queue.pending()[0]] == bench.heard.ids
            assert any("not examined: RuntimeError('scanner is broken')" in line for line in bench.log)
            assert not bench.deliveries and isinstance(shown[0]["exception"], RuntimeError)

    asyncio.run(run())


@pytest.mark.parametrize("too_big", [False, True])
def test_what_an_access_map_discards_is_looked_at_by_nobody(running: Open, too_big: bool) -> None:
    config = {
        "smtpd_sender_restrictions": "check_sender_access inline:{{good.test = DISCARD why}}",
        "header_checks": "regexp:{{/^Subject:/ REJECT}}",
        **({"message_size_limit": "10"} if too_big else {}),
    }
    answer = "552 5.3.4 Error: message file too big" if too_big else "250 2.0.0 Ok: queued as"
    bench = sent(running, answer, config)
    assert bench.heard.fates == ([] if too_big else [(bench.heard.ids[0], "discarded")])
    assert not any("message-id" in line for line in bench.log)
