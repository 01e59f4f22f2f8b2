"""letter - ordinary mail between people who know each other, of 1 to 4 KiB."""

from __future__ import annotations

from harness.corpus.generator import Brief, Draft, generators
from harness.corpus.people import people


@generators.register("letter")
def letter(brief: Brief) -> Draft:
    """A plain-text letter: greeting, some paragraphs, a signature block."""
    fake = people(brief.random)
    writer, reader = fake.name(), fake.first_name()
    paragraphs = fake.paragraphs(nb=brief.random.randint(2, 6))
    body = "\n\n".join([f"Dear {reader},", *paragraphs, "Kind regards,", f"{writer}\n-- \n{fake.company()}"])
    headers = (
        ("From", f'"{writer}" <{brief.sender}>'),
        ("To", ", ".join(f"<{address}>" for address in brief.recipients)),
        ("Subject", fake.sentence(nb_words=5).rstrip(".")),
    )
    return Draft(headers, body)
