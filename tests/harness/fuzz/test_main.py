"""main: what is compared, how kinds are told apart; the run itself needs a real Postfix (tests/witness/test_fuzz.py)."""

from harness.compare import Disagreement
from harness.errors import ConfigError
from harness.fuzz.main import disagreements, first_of_each, kind_of
from harness.observation import Observation

SEEN = Observation("x", (), "reference", ())


def one(session: str, what: str, first: str = "a", second: str = "b") -> Disagreement:
    return Disagreement(session, what, first, second)


def test_two_that_refuse_a_configuration_agree() -> None:
    assert disagreements(ConfigError("bad"), ConfigError("bad, too")) == ()
    assert disagreements(SEEN, SEEN) == ()
    assert disagreements(SEEN, ConfigError("no"))[0].second == "no"


def test_of_each_session_the_first_disagreement_counts() -> None:
    assert [d.what for d in first_of_each((one("s", "reply"), one("s", "log"), one("t", "log")))] == ["reply", "log"]


def test_kinds_do_not_depend_on_names() -> None:
    a = one("s", "reply to RCPT TO:<a@b>", "554 5.7.1 <a@b>: no", "250 2.1.5 Ok")
    b = one("t", "reply to RCPT TO:<c@d>", "554 5.7.1 <c@d>: no", "250 2.1.5 Ok")
    assert kind_of(a) == kind_of(b) != kind_of(one("s", "log"))
