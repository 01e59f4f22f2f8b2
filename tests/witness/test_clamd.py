"""A real clamd with a small database of ours: its verdicts through the engine, and our .ndb reader against its own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import fakedns
from harness.clock import HandClock
from harness.corpus.container import containers
from harness.corpus.program import program
from harness.gateway.clamd import Clamd
from harness.gateway.content.examine import Engine
from harness.gateway.content.outcome import Mail, Outcome
from harness.gateway.content.signature_store import load_signatures
from harness.gateway.resolver import ZoneResolver

pytestmark = pytest.mark.witness

DATABASE = "\n".join(
    [
        "Test.Plain:0:*:" + b"first sample".hex(),
        "Test.Any:0:*:" + b"gap".hex() + "*" + b"end".hex(),
        "Test.Bounded:0:*:" + b"low".hex() + "{2-4}" + b"high".hex(),
        "Test.Half:0:*:" + b"half".hex() + "4?" + b"half".hex(),
        "Test.Choice:0:*:" + b"pick".hex() + "(61|62)" + b"pick".hex(),
        "Test.End:0:EOF-8:" + b"at end!!".hex(),
        "Test.Start:0:0:" + b"at start".hex(),
        "Test.Entry:1:EP+4:" + b"entry".hex(),
        "Test.Page:3:*:" + b"evil page".hex(),
        "",
    ]
)
SAMPLES = {
    "Test.Plain": [b"the first sample here", b"the First sample"], "Test.Any": [b"gap....end", b"end....gap"],
    "Test.Bounded": [b"low...high", b"low.....high", b"low.high"], "Test.Half": [b"halfAhalf", b"half1half"],
    "Test.Choice": [b"pickapick", b"pickcpick"], "Test.End": [b"xx at end!!", b"at end!! xx"], "Test.Start": [b"at start xx", b"xx at start"],
    "Test.Entry": [program(code=b"\x90" * 4 + b"entry"), program(code=b"\x90" * 9 + b"entry")],
    "Test.Page": [b"<html><body>an EVIL \n page</body></html>", b"an evil page"],
}  # fmt: skip


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a clamd that knows our database alone."""
    if shutil.which("clamd") is None:
        pytest.skip("clamd is not installed (Debian: clamav-daemon)")
    directory = tmp_path_factory.mktemp("clamd")
    (directory / "db").mkdir()
    (directory / "db" / "ours.ndb").write_text(DATABASE)
    path = directory / "socket"
    config = directory / "clamd.conf"
    config.write_text(
        f"DatabaseDirectory {directory}/db\nLocalSocket {path}\nForeground yes\nTemporaryDirectory {directory}\n"
        f"User {Path.home().owner()}\nLogFile {directory}/log\nConcurrentDatabaseReload no\n"
    )
    process = subprocess.Popen(["clamd", "-c", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 60
    while True:  # ready is when it answers
        try:
            assert asyncio.run(Clamd(str(path), 5).names_in(b"hello")) == ()
            break
        except Exception:
            assert process.poll() is None and time.monotonic() < deadline, (directory / "log").read_text()
            time.sleep(0.05)
    yield path
    process.terminate()
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.parametrize("name", SAMPLES)
def test_our_reader_of_its_signatures_agrees_with_it(socket: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "ours.ndb").write_text(DATABASE)
    store = load_signatures(tmp_path, "rav/signatures")
    for sample in SAMPLES[name]:
        theirs = asyncio.run(Clamd(str(socket), 10).names_in(sample))
        ours = [found for found, _ in store.names_in(sample)]
        assert ours[:1] == [found.removesuffix(".UNOFFICIAL") for found in theirs], sample
    assert name in [found for found, _ in store.names_in(SAMPLES[name][0])], (
        "the first sample of each is one that matches"
    )


def test_its_verdict_decides_about_the_mail(socket: Path, tmp_path: Path) -> None:
    (tmp_path / "rav").mkdir()
    engine = Engine.load(tmp_path / "rav", {"clamd": f"unix:{socket}", "act_for_infected_files": "reject"}, Clamd)

    def examine(text: bytes) -> Outcome:
        import base64

        body = base64.encodebytes(containers["7z"](("a.txt", text))[1])
        data = b"Content-Type: application/x-7z; name=a.7z\nContent-Transfer-Encoding: base64\n\n" + body
        mail = Mail("Q", "a@b.test", ("u@ok.test",), "192.0.2.7", "unknown", data)
        resolver = ZoneResolver(fakedns.Zone())
        return asyncio.run(engine.examine(mail, lambda n, d: True, HandClock(0.0), "gw", resolver))

    infected = examine(b"the first sample")
    assert infected.refused and "Test.Plain.UNOFFICIAL" in [finding.name for finding in infected.findings]
    assert examine(b"something else").deliveries
