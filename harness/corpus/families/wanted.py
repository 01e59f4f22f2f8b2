"""wanted - mail that has to come through: letters, newsletters and reports of partners, and our own people's mail."""

from __future__ import annotations

from dataclasses import replace

from harness.corpus.family import Draft, Scene, families


def _from_partner(scene: Scene, kind: str, local: str) -> Draft:
    domain, client, host = scene.people.partner(scene.random.randrange(scene.people.partners))
    subject, body = scene.text(kind)
    return Draft("ham", client, host, f"{local}@{domain}", (scene.recipient,), subject, body)


@families.register("letter")
def letter(scene: Scene) -> Draft:
    """A letter from somebody at a partner's."""
    return _from_partner(scene, "letter", f"person{scene.random.randrange(40)}")


@families.register("newsletter")
def newsletter(scene: Scene) -> Draft:
    """A newsletter, with a sender of its own for each number, as lists have."""
    return _from_partner(scene, "newsletter", f"bounces+{scene.number}")


@families.register("report")
def report(scene: Scene) -> Draft:
    """A report that a machine sends."""
    return _from_partner(scene, "report", "cron")


@families.register("bounce")
def bounce(scene: Scene) -> Draft:
    """A notice from the null sender."""
    return replace(_from_partner(scene, "report", "x"), sender="", subject="Undelivered mail")


@families.register("outgoing")
def outgoing(scene: Scene) -> Draft:
    """Mail of our own users to the world."""
    subject, body = scene.text("letter")
    number = scene.random.randrange(200)
    domain = scene.people.partner(scene.random.randrange(scene.people.partners))[0]
    client = f"{scene.people.inside}{number + 2}"
    return Draft("ham", client, f"[{client}]", scene.people.user(number), (f"them@{domain}",), subject, body)
