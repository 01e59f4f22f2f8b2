"""people - the one home of faker: names, companies and sentences drawn from a seed."""

from __future__ import annotations

from random import Random
from typing import Any


def people(random: Random) -> Any:
    """A faker whose every choice follows from this random source.  Imported here alone: it takes half a second."""
    from faker import Faker

    fake = Faker("en_GB")
    fake.seed_instance(random.getrandbits(32))
    return fake
