"""report - business mail with harmless attachments: a table, a note and a picture, named as people name files."""

from __future__ import annotations

from harness.corpus.generator import Brief, Draft, generators
from harness.corpus.people import people

_PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


@generators.register("report")
def report(brief: Brief) -> Draft:
    """A short text with two attachments whose names have dots and digits, yet one extension each."""
    fake = people(brief.random)
    rows = [f"{fake.date()};{fake.company()};{brief.random.randint(10, 9999)}" for _ in range(30)]
    quarter = brief.random.randint(1, 4)
    headers = (
        ("From", f'"{fake.name()}" <{brief.sender}>'),
        ("To", ", ".join(f"<{address}>" for address in brief.recipients)),
        ("Subject", f"Figures for quarter {quarter}"),
    )
    table = "\r\n".join(["date;customer;amount", *rows]).encode()
    picture = _PNG + brief.random.randbytes(700)
    return Draft(
        headers, fake.paragraph(), None, ((f"figures-2003-q{quarter}.csv", table), (f"chart {quarter}.png", picture))
    )
