"""Mutate mails, archives and documents of the corpus until the content engine raises, hangs or eats memory.

    python tests/fuzz/fuzz_content.py --seconds 600 [--seed 1] [--keep DIR]        a mutator of its own, no more needed
    python tests/fuzz/fuzz_content.py --atheris [libFuzzer options]               coverage-guided, where atheris is installed

What breaks is written to --keep (a temporary directory by default) and ends the run with status 1: make a test of it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import random
import resource
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from harness.corpus.container import containers
from harness.corpus.craft import crafts
from harness.corpus.payload import payloads
from harness.gateway.content.budget import MIB, Budget, Limits
from harness.gateway.content.rav_keys import BANNED
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.search import search
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import default_rule

LIMITS = Limits(max_member_bytes=8 * MIB, max_mail_bytes=32 * MIB, max_held_bytes=24 * MIB, scan_timeout_s=20)
KEY = (True, BANNED)
CONTEXT = ScanContext(SignatureStore(), BANNED, default_rule("banned_extensions"))
SLOW_S, MOST_MIB = 25, 700


def attached(name: str, data: bytes) -> bytes:
    head = f'Content-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


def examine(mail: bytes) -> list[str]:
    """The names of what is found; whatever is raised is a bug, and a name that tells of our own fault is shown."""
    budget = Budget(LIMITS, time.monotonic)
    seen = asyncio.run(search(mail, budget, {KEY: CONTEXT}))
    assert budget.held == 0, f"{budget.held} bytes held"
    return [finding.name for finding in [*seen.unpacked.findings, *seen.scans[KEY]]]


def corpus() -> list[tuple[str, bytes]]:
    """(name, bytes) of everything the builders make; large ones left out.  A name "" is a whole mail."""
    made = [("", craft(payloads["eicar"]()).replace(b"\r\n", b"\n")) for craft in (crafts[word] for word in crafts)]
    made += [(f"{word}.bin", payloads[word]()) for word in payloads]
    for word in containers:
        for payload in ("eicar", "doc_autoexec", "pe"):
            name, data = containers[word]((f"{payload}.com", payloads[payload]()))
            made.append((name, data))
        made.append(containers["zip"](containers[word](("a.com", payloads["eicar"]()))))
    return [(name, data) for name, data in made if len(data) < 150_000]


def mutated(data: bytes, chance: random.Random, others: list[tuple[str, bytes]]) -> bytes:
    """A few random changes: bytes, numbers, cuts, copies, and pieces of other files."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(8):
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
                number = chance.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1)) & (
                    256**width - 1
                )
                out[at : at + width] = number.to_bytes(width, chance.choice(("little", "big")))
            case 5:
                other = chance.choice(others)[1]
                begin = chance.randrange(len(other) + 1)
                out[at:at] = other[begin : begin + chance.choice((16, 200, 5000))]
            case 6:
                out = out[:at]
            case _:
                out[at:at] = chance.randbytes(chance.choice((1, 4, 64)))
        if len(out) > 400_000:
            del out[400_000:]
    return bytes(out)


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run(seconds: float, seed: int, keep: Path) -> int:
    """Mutate and examine until the time is over; the status."""
    chance = random.Random(seed)
    others = corpus()
    begin, count, raised, broken = time.monotonic(), 0, 0, dict[str, int]()
    while time.monotonic() - begin < seconds:
        name, data = chance.choice(others)
        changed = mutated(data, chance, others)
        mail = attached(name, changed) if name else changed
        started = time.monotonic()
        trouble = ""
        try:
            for found in examine(mail):
                if found.startswith(("Broken.", "Scanner.")):
                    broken[found] = broken.get(found, 0) + 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                break
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
    told = ", ".join(f"{name} {times}" for name, times in sorted(broken.items(), key=lambda item: -item[1]))
    print(f"{count} mails in {time.monotonic() - begin:.0f} s, {raised} broke it, peak {peak_mib()} MiB; {told}")
    return 1 if raised else 0


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
    with atheris.instrument_imports(include=["harness.gateway.content"]):
        module = {name: import_module(f"harness.gateway.content.{name}") for name in (
            "search", "budget", "scanner", "signature_store", "archive")}  # fmt: skip
        module["archive"].formats()
        list(module["scanner"].scanners)
    limits = module["budget"].Limits(max_member_bytes=8 * MIB, max_mail_bytes=32 * MIB, max_held_bytes=24 * MIB)
    store = module["signature_store"].SignatureStore()
    context = module["scanner"].ScanContext(store, BANNED, default_rule("banned_extensions"))

    def one(data: bytes) -> None:
        mail = data[1:] if data[:1] == b"\0" else b"Content-Type: application/x; name=a.bin\n\n" + data
        work = module["search"].search(mail, module["budget"].Budget(limits, time.monotonic), {KEY: context})
        with contextlib.suppress(StopIteration):
            work.send(None)  # it awaits nothing: no event loop is needed

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
