"""Write docs/formats.md: what the content engine says of every container, document and crooked mail the corpus builds.

python docs/formats.py [--check]     --check: exit 1 when the file is not what would be written
"""

from __future__ import annotations

import asyncio
import base64
import sys
from pathlib import Path

import yaml

from harness.corpus.attack import FAMILIES, tried
from harness.corpus.container import containers
from harness.corpus.craft import crafts
from harness.corpus.payload import payloads
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.finding import SEVERITY, Finding
from harness.gateway.content.rav_keys import BANNED
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.search import search
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import default_rule

FILE = Path(__file__).with_suffix(".md")
KEY = (True, BANNED)
CONTEXT = ScanContext(SignatureStore(), BANNED, default_rule("banned_extensions"))
HARMLESS = payloads["note"]()
HEAD = """# What the content engine finds

Written by `nox -s docs` (docs/formats.py) from payloads that are built on the spot; a test says when it is out of date.
An answer is **infected**, *suspicious*, unscannable, or clean, with the name of the worst finding.  The EICAR file lies
under the name of a letter, the harmless one under that of a note, so that no answer comes from the name.
"""


def findings(mail: bytes) -> list[Finding]:
    """Everything found in a mail, the worst first."""
    seen = asyncio.run(search(mail.replace(b"\r\n", b"\n"), Budget(Limits(), lambda: 0.0), {KEY: CONTEXT}))
    found = [*seen.unpacked.findings, *seen.scans[KEY]]
    return sorted(found, key=lambda finding: SEVERITY.index(finding.cls))


def answer(found: list[Finding]) -> str:
    """The worst finding, as the table shows it."""
    if not found:
        return "clean"
    emphasis = {"infected": "**", "suspicious": "*"}.get(found[0].cls, "")
    return f"{emphasis}{found[0].cls}{emphasis} {found[0].name}"


def attached(name: str, data: bytes) -> bytes:
    """A mail that is this file."""
    head = f'Content-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


def table(title: str, columns: list[str], rows: list[list[str]]) -> str:
    """One section."""
    lines = [" | ".join(columns), "|".join("---" for _ in columns), *(" | ".join(row) for row in rows)]
    return f"\n## {title}\n\n" + "".join(f"| {line} |\n" if line[:3] != "---" else f"|{line}|\n" for line in lines)


def of_containers() -> list[list[str]]:
    """What is said of EICAR, of a harmless file and of a torn container."""
    rows = []
    for word in containers:
        name, infected = containers[word](("letter.doc", payloads["eicar"]()))
        _, harmless = containers[word](("note.txt", HARMLESS))
        torn = infected[: len(infected) * 2 // 3]
        rows.append([f"`{word}`", *(answer(findings(attached(name, data))) for data in (infected, harmless, torn))])
    return rows


def of_payloads() -> list[list[str]]:
    """What is said of the file by itself, attached under its own kind of name."""
    kinds = {
        "doc": "doc",
        "docm": "docm",
        "docx": "docx",
        "xls": "xls",
        "rtf": "rtf",
        "pdf": "pdf",
        "csv": "csv",
        "html": "html",
    }
    rows = []
    for word in payloads:
        kind = word.partition("_")[0]
        extension = kind if kind in kinds else "dat"
        rows.append([f"`{word}`", answer(findings(attached(f"letter.{extension}", payloads[word]())))])
    return rows


def of_crafts() -> list[list[str]]:
    """What is said of the mail with EICAR in it, and of the form alone."""
    eicar = payloads["eicar"]()
    said = ((word, crafts[word](eicar), crafts[word](HARMLESS)) for word in crafts)
    return [[f"`{word}`", answer(findings(infected)), answer(findings(harmless))] for word, infected, harmless in said]


def of_families() -> list[list[str]]:
    """How many sessions of each attack family there are in scenarios/content/families."""
    folder = FILE.parent.parent / "scenarios" / "content" / "families"
    sessions = [session for path in folder.glob("*.yaml") for session in yaml.safe_load(path.read_bytes())["sessions"]]
    counts = tried(session["tags"] for session in sessions)
    return [[str(number), FAMILIES[number], str(one.attacks), str(one.benign)] for number, one in counts.items()]


def document() -> str:
    """The whole file."""
    columns = ["EICAR inside", "harmless file inside"]
    return HEAD + "".join(
        [
            table("Containers (`wrap: [WORD]`)", ["container", *columns, "torn off"], of_containers()),
            table("Files (`payload: WORD`)", ["file", "answer"], of_payloads()),
            table("Crooked mails (`file: craft:WORD`)", ["mail", *columns], of_crafts()),
            table("Attack families", ["number", "family", "attacks", "benign"], of_families()),
        ]
    )


def main() -> int:
    text = document()
    if "--check" in sys.argv[1:]:
        if FILE.read_text("utf-8") == text:
            return 0
        print(f"{FILE.name} is out of date: run nox -s docs", file=sys.stderr)
        return 1
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
