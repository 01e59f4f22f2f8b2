"""unwanted - spam, each sort with the one sign by which a gateway may know it."""

from __future__ import annotations

from harness.corpus.family import Draft, Scene, families

_WORDS = ("viagra", "xenical", "propecia", "hgh", "phentermine")


def _stranger(scene: Scene) -> str:
    """A sender that was made up, in a domain that exists."""
    return f"{scene.random.getrandbits(32):08x}@elsewhere.test"


@families.register("listed")
def listed(scene: Scene) -> Draft:
    """From a client that is on a blocklist."""
    client, _ = scene.people.listed_client(scene.random.randrange(scene.people.listed))
    subject, body = scene.text("newsletter")
    return Draft("spam", client, "mx.elsewhere.test", _stranger(scene), (scene.recipient,), subject, body)


@families.register("dialup")
def dialup(scene: Scene) -> Draft:
    """From a line at home."""
    client, name = scene.people.dialup(scene.random.randrange(scene.people.dialups))
    subject, body = scene.text("newsletter")
    return Draft("spam", client, name, _stranger(scene), (scene.recipient,), subject, body)


def _from_nobody(scene: Scene, sender: str, recipient: str, subject: str = "") -> Draft:
    """From a client without a name, of no repute."""
    own, body = scene.text("newsletter")
    client = f"192.0.2.{100 + scene.random.randrange(100)}"
    return Draft("spam", client, "mail.elsewhere.test", sender, (recipient,), subject or own, body)


@families.register("forged")
def forged(scene: Scene) -> Draft:
    """Claims to be one of us, from outside."""
    return _from_nobody(scene, scene.people.user(scene.random.randrange(scene.people.users)), scene.recipient)


@families.register("unknown_domain")
def unknown_domain(scene: Scene) -> Draft:
    """From a domain that does not exist."""
    return _from_nobody(scene, f"seller@d{scene.random.randrange(10_000)}.nowhere.test", scene.recipient)


@families.register("relay")
def relay(scene: Scene) -> Draft:
    """Wants us to pass it on to others."""
    return _from_nobody(scene, _stranger(scene), f"victim{scene.random.randrange(1000)}@elsewhere.test")


@families.register("drug")
def drug(scene: Scene) -> Draft:
    """Names in its subject what it sells."""
    word = _WORDS[scene.random.randrange(len(_WORDS))]
    return _from_nobody(scene, _stranger(scene), scene.recipient, f"cheap {word} for you")
