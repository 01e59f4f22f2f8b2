"""newsletter - wanted bulk mail: long References, List-Id, an unsubscribe link, text and HTML.  Must not be blocked."""

from __future__ import annotations

from harness.corpus.generator import Brief, Draft, generators
from harness.corpus.people import people


@generators.register("newsletter")
def newsletter(brief: Brief) -> Draft:
    """A newsletter that its reader asked for: RFC 2369 and RFC 2919 header fields, alternative parts."""
    fake = people(brief.random)
    name, domain = fake.company(), brief.sender.rpartition("@")[2]
    stories = [(fake.sentence(nb_words=4).rstrip("."), fake.paragraph()) for _ in range(brief.random.randint(3, 6))]
    text = "\n\n".join(f"* {title}\n{story}" for title, story in stories)
    html = "".join(f"<h2>{title}</h2><p>{story}</p>" for title, story in stories)
    link = f"https://news.{domain}/unsubscribe?u={brief.random.getrandbits(32):08x}"
    headers = (
        ("From", f'"{name}" <{brief.sender}>'),
        ("To", ", ".join(f"<{address}>" for address in brief.recipients)),
        ("Subject", f"{name}: news of the month"),
        ("References", " ".join(f"<{brief.random.getrandbits(64):016x}@{domain}>" for _ in range(20))),
        ("List-Id", f"<news.{domain}>"),
        ("List-Unsubscribe", f"<{link}>"),
    )
    return Draft(headers, f"{text}\n\nUnsubscribe: {link}", f"<html><body>{html}</body></html>")
