from __future__ import annotations

from random import Random

import pytest

from harness.corpus.family import People, Scene, families

TEXTS = dict.fromkeys(("letter", "newsletter", "report"), (("subject", "body\n"),))


@pytest.mark.parametrize("name", ["listed", "dialup", "forged", "unknown_domain", "relay", "drug"])
def test_the_label_is_spam(name: str) -> None:
    draft = families[name](Scene(3, Random(3), People(blocklists=("rbl.test",)), TEXTS))
    assert draft.label == "spam" and draft.subject and draft.body
    assert (draft.attachment is not None) is (draft.label == "malware")
