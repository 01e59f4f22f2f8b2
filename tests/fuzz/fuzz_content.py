"""Mutate mails, archives and documents of the corpus until the content engine breaks a promise.

    python tests/fuzz/fuzz_content.py --seconds 600 [--seed 1] [--keep DIR]        a mutator of its own, no more needed
    python tests/fuzz/fuzz_content.py --atheris [libFuzzer options]               coverage-guided, where atheris is installed

`nox -s fuzz_content` does both.  The promises: no exception leaves, a mail costs no more than its budget; a mail out of
which another reader takes the EICAR file is not clean (independent_readers.py); of a mail that chains have worked upon,
nobody is forgotten, nothing that was deleted is delivered, and nothing moved is lost.

What breaks one is written to --keep (a temporary directory by default) and ends the run with status 1: make a test of it.
"""

from __future__ import annotations

import argparse
import base64
import random
import resource
import sys
import tempfile
import time
from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import fakedns
from harness.clock import HandClock
from harness.corpus.container import containers
from harness.corpus.craft import crafts
from harness.corpus.payload import payloads
from harness.gateway.resolver import ZoneResolver
from harness.gateway.rule import default_rule

sys.path.insert(0, str(Path(__file__).parent))
from independent_readers import who_finds

MIB = 1024 * 1024
SLOW_S, MOST_MIB = 25, 700
SMALL = {"max_member_bytes": 8 * MIB, "max_mail_bytes": 32 * MIB, "max_held_bytes": 24 * MIB, "scan_timeout_s": 20}
CHAINS = ("delete, reject", "move, reject", "clean, delete, discard", "copy, delete, reject", "rename, delete, discard",
          "copy, ignore")  # fmt: skip
RECIPIENTS = ("a@ok.test", "b@ok.test")
EICAR = payloads["eicar"]()


class Broken(Exception):
    """A promise that was not kept."""


class Engines:
    """The engine under every chain, its modules imported when it is made: under atheris they are instrumented."""

    def __init__(self) -> None:
        content = "harness.gateway.content"
        self.modules: dict[str, ModuleType] = {
            name: import_module(f"{content}.{name}")
            for name in ("examine", "outcome", "search", "budget", "scanner", "signature_store", "archive", "rav_keys")
        }
        self.modules["archive"].formats()
        list(self.modules["scanner"].scanners)
        directory = Path(tempfile.mkdtemp(prefix="fuzz-rav-"))
        limits = {name: str(value) for name, value in SMALL.items()}
        self.chained = []
        for chain in CHAINS:
            (directory / "groups").write_text(f"@b@\nmembers = b@ok.test\nact_for_infected_files = {chain}\n")
            chosen = {f"act_for_{kind}_files": "ignore" for kind in ("infected", "suspicious", "unscannable")}
            self.chained.append(self.modules["examine"].Engine.load(directory, limits | chosen))

    def findings(self, mail: bytes) -> list[tuple[str, str]]:
        """(class, name) of everything found in a mail."""
        m = self.modules
        budget = m["budget"].Budget(m["budget"].Limits(**SMALL), time.monotonic)
        banned = m["rav_keys"].BANNED
        context = m["scanner"].ScanContext(
            m["signature_store"].SignatureStore(), banned, default_rule("banned_extensions")
        )
        seen = _now(m["search"].search(mail, budget, {(True, banned): context}))
        if budget.held:
            raise Broken(f"{budget.held} bytes held")
        return [(finding.cls, finding.name) for finding in [*seen.unpacked.findings, *seen.scans[True, banned]]]

    def worked_upon(self, mail: bytes, chain: int) -> None:
        """Examine a mail for two recipients, one under this chain.  Raises Broken."""
        stored: dict[str, bytes] = {}

        def store(name: str, data: bytes) -> bool:
            if name in stored:
                raise Broken(f"{name} stored twice")
            stored[name] = data
            return True

        engine = self.chained[chain % len(CHAINS)]
        given = self.modules["outcome"].Mail("4F2A1C", "s@x.test", RECIPIENTS, "192.0.2.7", "unknown", mail)
        outcome = _now(engine.examine(given, store, HandClock(0.0), "gw.ok.test", ZoneResolver(fakedns.Zone())))
        ended = [to for recipients, _ in outcome.deliveries for to in recipients]
        ended += [*outcome.refused, *outcome.discarded]
        if sorted(ended) != sorted(RECIPIENTS):
            raise Broken(f"of {RECIPIENTS} there are left {ended}")
        if {one.name for one in outcome.quarantined} != set(stored):
            raise Broken("what is told of the quarantine is not what is there")
        if "ignore" in CHAINS[chain % len(CHAINS)] or "rename" in CHAINS[chain % len(CHAINS)]:
            return
        if not any(finding.cls == "infected" for finding in outcome.findings):
            return
        for recipients, data in outcome.deliveries:
            if "b@ok.test" in recipients:
                if way := who_finds(data, is_eicar):
                    raise Broken(f"{CHAINS[chain % len(CHAINS)]}: {way} still finds EICAR in what is delivered")
                if b"X-RAV-AntiVirus" not in data:
                    raise Broken("no stamp")


def _now(work: Coroutine[Any, Any, Any]) -> Any:
    """The value of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise Broken("it waits for something")


def is_eicar(data: bytes) -> bool:
    """Whether these bytes are the test file by its definition (eicar.org)."""
    return data.startswith(EICAR) and len(data) <= 128 and not data[68:].strip(b" \t\r\n\x1a")


def check(engines: Engines, mail: bytes, chain: int) -> list[tuple[str, str]]:
    """Hold the engine to its promises for one mail; what it found.  Raises Broken, and whatever it lets out."""
    found = engines.findings(mail)
    if not found and (way := who_finds(mail, is_eicar)):
        raise Broken(f"clean, but {way} takes EICAR out of it")
    engines.worked_upon(mail, chain)
    return found


def attached(name: str, data: bytes) -> bytes:
    """A mail with this attachment."""
    head = f'Content-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


def enclosed(name: str, data: bytes) -> bytes:
    """A mail of a text and this attachment."""
    head = b'Subject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=b"\n\n--=b\n\nsee there\n--=b\n'
    return head + attached(name, data) + b"--=b--\n"


def corpus() -> list[tuple[str, bytes]]:
    """(name, bytes) of everything the builders make; large ones left out.  A name "" is a whole mail."""
    made = [("", craft(EICAR).replace(b"\r\n", b"\n")) for craft in (crafts[word] for word in crafts)]
    made += [(f"{word}.bin", payloads[word]()) for word in payloads]
    for word in containers:
        for payload in ("eicar", "doc_autoexec", "pe"):
            name, data = containers[word]((f"{payload}.dat", payloads[payload]()))
            made.append((name, data))
        made.append(containers["zip"](containers[word](("a.dat", EICAR))))
        made.append(("", enclosed(*containers[word](("a.dat", EICAR)))))
    return [(name, data) for name, data in made if len(data) < 150_000]


def mutated(data: bytes, chance: random.Random, others: list[tuple[str, bytes]]) -> bytes:
    """A few random changes: bytes, numbers, cuts, copies, and pieces of other files."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8, 30))):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(9):
            case 0 if at < len(out):
                out[at] = chance.randrange(256)
            case 1 if at < len(out):
                out[at] ^= 1 << chance.randrange(8)
            case 2:
                del out[at : at + chance.choice((1, 4, 100, 10_000))]
            case 3:
                out[at:at] = out[at : at + chance.choice((1, 8, 200))] * chance.choice((1, 2, 50))
            case 4:
                width = chance.choice((2, 4, 8))
                number = chance.choice(NUMBERS) & (256**width - 1)
                out[at : at + width] = number.to_bytes(width, chance.choice(("little", "big")))
            case 5:
                other = chance.choice(others)[1]
                begin = chance.randrange(len(other) + 1)
                out[at:at] = other[begin : begin + chance.choice((16, 200, 5000))]
            case 6:
                out = out[:at]
            case 7:  # a line, or a field, somewhere else
                lines = bytes(out).split(b"\n")
                here, there = chance.randrange(len(lines)), chance.randrange(len(lines))
                lines[here], lines[there] = lines[there], lines[here]
                out = bytearray(b"\n".join(lines))
            case _:
                out[at:at] = chance.randbytes(chance.choice((1, 4, 64)))
        if len(out) > 400_000:
            del out[400_000:]
    return bytes(out)


NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1)


def peak_mib() -> int:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run(seconds: float, seed: int, keep: Path) -> int:
    """Mutate and examine until the time is over; the status."""
    chance = random.Random(seed)
    engines, others = Engines(), corpus()
    begin, count, raised, faults, classes = time.monotonic(), 0, 0, dict[str, int](), dict[str, int]()
    while time.monotonic() - begin < seconds:
        name, data = chance.choice(others)
        changed = mutated(data, chance, others)
        mail = attached(name, changed) if name else changed
        started = time.monotonic()
        trouble = ""
        try:
            found = check(engines, mail, count)
            cls = min((cls for cls, _ in found), key=ORDER.index, default="clean")
            classes[cls] = classes.get(cls, 0) + 1
            for _, one in found:
                if one.startswith(("Broken.", "Scanner.")):
                    faults[one] = faults.get(one, 0) + 1
        except KeyboardInterrupt:
            break
        except BaseException as error:  # whatever comes out is what we are looking for
            trouble = repr(error)
        took = time.monotonic() - started
        if took > SLOW_S:
            trouble = trouble or f"took {took:.1f} s"
        if peak_mib() > MOST_MIB:
            trouble = trouble or f"{peak_mib()} MiB"
        count += 1
        if trouble:
            raised += 1
            path = keep / f"{seed}-{count}.eml"
            path.write_bytes(mail)
            print(f"{path}: {name}: {trouble}", flush=True)
            if peak_mib() > MOST_MIB:
                break
    told = ", ".join(f"{name} {times}" for name, times in sorted(faults.items(), key=lambda item: -item[1]))
    print(f"{count} mails in {time.monotonic() - begin:.0f} s, {raised} broke a promise, peak {peak_mib()} MiB")
    print(f"{classes}; {told}")
    return 1 if raised else 0


ORDER = ("infected", "suspicious", "unscannable", "filter", "bulk", "clean")


def with_atheris(arguments: list[str]) -> int:
    """Hand over to libFuzzer, coverage of the content engine as its guide.

    A seed is a whole mail behind a NUL, or the bytes of an attachment, which are easier to mutate than their base64.
    """
    try:
        import atheris
    except ImportError:
        print("fuzz_content: atheris is not installed; without --atheris no more is needed", file=sys.stderr)
        return 2
    made = corpus()
    for name in [name for name in sys.modules if name.startswith("harness.gateway.content")]:
        del sys.modules[name]  # to be imported once more, instrumented
    with atheris.instrument_imports(include=["harness.gateway.content", "harness.gateway.mime_decode"]):
        engines = Engines()

    def one(data: bytes) -> None:
        mail = data[1:] if data[:1] == b"\0" else b"Content-Type: application/x; name=a.bin\n\n" + data
        check(engines, mail, len(data))

    seeds = Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    for number, (name, data) in enumerate(made):
        (seeds / str(number)).write_bytes(data if name else b"\0" + data)
    atheris.Setup([sys.argv[0], *arguments, str(seeds)], one)
    atheris.Fuzz()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--atheris", action="store_true")
    options, rest = parser.parse_known_args()
    if options.atheris:
        return with_atheris(rest)
    return run(options.seconds, options.seed, options.keep or Path(tempfile.mkdtemp(prefix="fuzz-kept-")))


if __name__ == "__main__":
    sys.exit(main())
