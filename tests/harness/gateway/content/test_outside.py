"""outside: a scanner behind a socket, and what its silence means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.clock import HandClock
from harness.errors import ConfigError
from harness.gateway.content.examine import Engine
from harness.gateway.content.outcome import Mail, Outcome
from harness.gateway.content.outside import ClamdSetting, Outside, OutsideScanner
from harness.gateway.content.part import Part
from harness.gateway.content.rav import load_rav
from harness.gateway.resolver import ZoneResolver
from harness.gateway.rule import default_rule

Names = Callable[[bytes], tuple[str, ...]]


class Fake:
    """Finds by name what its table says; a number is the call it fails at."""

    def __init__(self, names: Names) -> None:
        self.names, self.asked = names, list[bytes]()

    async def names_in(self, data: bytes) -> tuple[str, ...]:
        self.asked.append(data)
        return self.names(data)


def outside(scanner: OutsideScanner | None, *, fail_open: bool = False) -> Outside:
    return Outside(ClamdSetting("/none", 1, fail_open, default_rule("clamd")), scanner)


def scan(outside: Outside, data: bytes) -> list[tuple[str, str]]:
    return [(finding.cls, finding.name) for finding in asyncio.run(outside.scan(Part("p", data)))]


@pytest.mark.parametrize(
    ("name", "cls"),
    [("Eicar-Signature", "infected"), ("Heuristics.Phishing.Email", "suspicious"), ("Heuristics.Encrypted.Zip", "unscannable"),
     ("Heuristics.Limits.Exceeded.MaxFiles", "unscannable")],
)  # fmt: skip
def test_names_tell_the_class(name: str, cls: str) -> None:
    assert scan(outside(Fake(lambda data: (name,))), b"x") == [(cls, name)]


def test_the_same_bytes_are_sent_once_and_a_failure_ends_the_asking() -> None:
    def fails(data: bytes) -> tuple[str, ...]:
        raise OSError("down")

    fake = Fake(lambda data: ())
    one = outside(fake)
    assert scan(one, b"a") == scan(one, b"a") == [] and fake.asked == [b"a"]
    broken = Fake(fails)
    two = outside(broken)
    assert scan(two, b"a") == [("unscannable", "Scanner.Clamd")] and scan(two, b"b") == [] and broken.asked == [b"a"]
    assert scan(outside(broken, fail_open=True), b"a") == []
    assert scan(outside(None), b"a") == [("unscannable", "Scanner.Clamd")]


def examine(tmp_path: Path, scanner: OutsideScanner, **rav: str) -> Outcome:
    tmp_path.joinpath("rav").mkdir()
    settings = {"clamd": "unix:/run/clamd.sock", **rav}
    engine = Engine.load(tmp_path / "rav", settings, lambda address, timeout_s: scanner)
    mail = Mail("Q", "a@b.test", ("u@ok.test",), "192.0.2.7", "unknown", b"Subject: x\n\nhello\n")
    import fakedns

    return asyncio.run(engine.examine(mail, lambda n, d: True, HandClock(0.0), "gw", ZoneResolver(fakedns.Zone())))


def down(data: bytes) -> tuple[str, ...]:
    raise OSError("connection refused")


def test_a_scanner_that_is_down_fails_closed(tmp_path: Path) -> None:
    outcome = examine(tmp_path, Fake(down))
    assert outcome.refused and not outcome.deliveries
    assert any("outside scanner failed: connection refused" in line for line in outcome.log)


def test_and_open_where_the_administrator_says_so(tmp_path: Path) -> None:
    outcome = examine(tmp_path, Fake(down), clamd_failure="ignore")
    assert outcome.deliveries and any("outside scanner failed" in line for line in outcome.log)


def test_it_sees_the_mail_as_it_came_and_every_object(tmp_path: Path) -> None:
    fake = Fake(lambda data: ("Test",) if data == b"hello\n" else ())
    outcome = examine(tmp_path, fake, act_for_infected_files="discard")
    assert fake.asked == [b"Subject: x\n\nhello\n", b"hello\n"] and outcome.discarded


@pytest.mark.parametrize(
    ("values", "complaint"),
    [({"clamd": "/run/clamd"}, "clamd is unix:/PATH"), ({"clamd": "inet:host"}, "clamd is unix:/PATH"),
     ({"clamd": "inet:host:99999"}, "clamd is unix"), ({"clamd_failure": "pass"}, "unscannable or ignore")],
)  # fmt: skip
def test_mistakes(tmp_path: Path, values: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load_rav(tmp_path, values)


@pytest.mark.parametrize(
    ("text", "address"),
    [("unix:/a/b", "/a/b"), ("inet:127.0.0.1:3310", ("127.0.0.1", 3310)), ("inet:[::1]:3310", ("::1", 3310))],
)
def test_addresses(tmp_path: Path, text: str, address: object) -> None:
    setting = load_rav(tmp_path, {"clamd": text, "clamd_timeout_s": "3"}).clamd
    assert setting is not None and (setting.address, setting.timeout_s, setting.fail_open) == (address, 3, False)
    assert load_rav(tmp_path, {"clamd": "none"}).clamd is None
