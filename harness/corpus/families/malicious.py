"""malicious - mail that carries something bad, from clients that nothing else is known of."""

from __future__ import annotations

from harness.corpus.family import Draft, Scene, families
from harness.corpus.payload import payload


def _with(scene: Scene, name: str, content: bytes) -> Draft:
    subject, _ = scene.text("letter")
    client = f"192.0.2.{100 + scene.random.randrange(100)}"
    sender = f"{scene.random.getrandbits(32):08x}@elsewhere.test"
    return Draft(
        "malware", client, "mail.elsewhere.test", sender, (scene.recipient,), subject, "See the attachment.\n",
        (name, content),
    )  # fmt: skip


@families.register("infected")
def infected(scene: Scene) -> Draft:
    """The test virus as an attachment."""
    return _with(scene, "tool.com", payload("eicar", scene.random, lambda name: b""))


@families.register("double_extension")
def double_extension(scene: Scene) -> Draft:
    """A program that looks like a text by its name."""
    ends = ("pif", "scr", "exe", "vbs")
    name = f"letter.doc.{ends[scene.random.randrange(len(ends))]}"
    return _with(scene, name, bytes(scene.random.getrandbits(8) for _ in range(200)))
