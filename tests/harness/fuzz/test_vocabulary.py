"""vocabulary: the grammar knows every word that Postfix knows."""

from harness.fuzz import vocabulary
from harness.gateway.policy.restriction import restrictions


def test_there_are_78_words_and_the_gateway_knows_each() -> None:
    words = set(vocabulary.RESTRICTIONS)
    assert len(words) == len(vocabulary.RESTRICTIONS) == 78
    modifiers_and_classes = {"warn_if_reject", "reject_sender_login_mismatch"}
    assert words - modifiers_and_classes == {name for name in words if restrictions.get(name) is not None}
    assert set(restrictions) <= words


def test_every_client_has_a_name_of_its_own() -> None:
    assert set(vocabulary.CLIENT_NAMES) == set(vocabulary.CLIENTS)
    assert not set(vocabulary.CLIENT_NAMES.values()) & set(vocabulary.DOMAINS)
