"""score: each feature by a mail that shows it and one that does not, and the levels of the paper."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.score import FEATURES, THRESHOLDS, Score, score
from harness.gateway.content.signature_store import gtube
from harness.gateway.content.unpack import unpack

HEAD = "From: Anna <anna@ok.test>\nTo: u@ok.test\nSubject: minutes of the meeting\nDate: x\nMessage-Id: <1@ok.test>\n"
BODY = "Dear all,\n\nhere are the minutes of the meeting we had last week; please tell me what is missing.\n"


def scored(head: str = "", body: str = BODY, html: bool = False, without: str = "") -> Score:
    lines = [line for line in HEAD.splitlines() if not without or not line.startswith(without)]
    given_names = {line.partition(":")[0] for line in head.splitlines()}
    lines = [line for line in lines if line.partition(":")[0] not in given_names] + head.splitlines()
    lines += ["Content-Type: text/html; charset=utf-8"] if html else []
    data = ("\n".join(lines) + "\n\n" + body).encode("utf-8", "surrogateescape")
    unpacked = unpack(data, Budget(Limits(), lambda: 0.0))
    return score(unpacked.root, [(part.type, part.data) for part in unpacked.parts if part.depth == 0])


def names(found: Score) -> set[str]:
    return {hit.feature for hit in found.hits}


def test_a_plain_letter_scores_nothing() -> None:
    assert scored() == Score(0, ())


CASES = {
    "NoSubject": scored(without="Subject"),
    "NoDate": scored(without="Date"),
    "NoMessageId": scored(without="Message-Id"),
    "NoFrom": scored(without="From"),
    "NoTo": scored(without="To"),
    "UndisclosedTo": scored("To: undisclosed-recipients:;"),
    "SubjectShouts": scored("Subject: LAST CHANCE TO ORDER"),
    "SubjectExclaims": scored("Subject: now!!"),
    "SubjectMoney": scored("Subject: save $100 today"),
    "SubjectAdv": scored("Subject: ADV: buy this"),
    "SubjectRandomTail": scored("Subject: hello          qxz7j1"),
    "SenderDigits": scored("From: <joe8391027@ok.test>"),
    "BulkMailer": scored("X-Mailer: Mass Sender 3"),
    "PriorityHigh": scored("X-Priority: 1 (Highest)"),
    "BodyShouts": scored(body="BUY NOW AND SAVE A LOT OF MONEY ON EVERYTHING THAT WE HAVE IN OUR STORE TODAY ONLY\n"),
    "BodyExclaims": scored(
        body="yes! yes! yes! yes! yes! the party is on, everybody of the whole team is invited, come!\n"
    ),
    "Money": scored(body="the sum of $25,000,000 waits, please tell me where to send it and what is missing now\n"),
    "BrokenUpWord": scored(body="buy v.i.a.g.r.a here and now, tell me what is missing from the order that you made\n"),
    "HtmlOnly": scored(body="<p>" + BODY, html=True),
    "HtmlHidden": scored(body='<p style="display: none">x</p>' + BODY, html=True),
    "HtmlTracker": scored(body='<img src="http://x.test/a.gif" width="1" height="1">' + BODY, html=True),
    "HtmlBrokenWord": scored(body="<p>mort<!-- x -->gage" + BODY, html=True),
    "NumericLink": scored(body="see http://3221225985/offer " + BODY),
    "UserLink": scored(body="see http://bank.test@192.0.2.1/ " + BODY),
    "OnlyLink": scored(body="http://x.test/a\n"),
    "Gtube": scored(body=gtube().decode() + "\n" + BODY),
    "Remove": scored(body="click to be removed " + BODY),
    "NotSpam": scored(body="this is not spam " + BODY),
    "ActNow": scored(body="act now " + BODY),
    "Free": scored(body="absolutely free " + BODY),
    "Earn": scored(body="work from home " + BODY),
    "Debt": scored(body="bad credit is no problem " + BODY),
    "Guarantee": scored(body="money back guarantee " + BODY),
    "ClickHere": scored(body="click here " + BODY),
    "Pills": scored(body="online pharmacy " + BODY),
    "Advance": scored(body="I am the next of kin " + BODY),
    "Winner": scored(body="you have won " + BODY),
    "DearFriend": scored(body="Dear friend, " + BODY),
    "Account": scored(body="verify your account " + BODY),
}


def test_every_feature_has_a_mail_that_shows_it() -> None:
    assert set(CASES) == {name for name, _, _ in FEATURES}


@pytest.mark.parametrize("name", CASES)
def test_a_feature_is_seen_weighs_what_it_says_and_is_explained(name: str) -> None:
    found = CASES[name]
    weight = next(weight for feature, weight, _ in FEATURES if feature == name)
    assert name in names(found) and f"{name} {weight:g}" in found.explained()
    assert found.points == pytest.approx(sum(hit.weight for hit in found.hits))


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith(("Html", "Only", "Gtube"))])
def test_a_feature_stands_for_one_thing(name: str) -> None:
    """A mail made for one feature shows at most one more: no trait is counted many times."""
    assert len(CASES[name].hits) <= 2


def test_a_few_capitals_do_not_shout() -> None:
    assert "SubjectShouts" not in names(scored("Subject: RE: FYI"))
    assert "BodyShouts" not in names(scored(body="OK, SEE YOU AT NOON\n"))


def test_very_high_accuracy_flags_least() -> None:
    assert [THRESHOLDS[level] for level in ("low", "medium", "high", "very_high")] == sorted(THRESHOLDS.values())


def test_gtube_is_certain_in_subject_and_body_at_every_level() -> None:
    for found in (scored("Subject: " + gtube().decode()), CASES["Gtube"]):
        assert found.points >= 10 * max(THRESHOLDS.values())


def test_an_obvious_offer_reaches_the_highest_level() -> None:
    found = scored(
        "Subject: MAKE MONEY FAST!!\nFrom: <win77777@x.test>\nX-Mailer: bulk blaster",
        "Dear friend, make money, work from home, 100% free, act now, click here. This is not spam. To be removed click.\n",
    )
    assert found.points >= THRESHOLDS["very_high"]


@pytest.mark.parametrize(
    ("head", "body", "html"),
    [("Subject: a" + " " * 200_000 + "!", BODY, False), ("", "<" * 250_000, True), ("", "<img " * 50_000, True), ("", "http://" * 30_000, False),
     ("", "v." * 100_000, False), ("", "$1" * 100_000, False)],
    ids=["blanks", "tags", "pictures", "links", "words", "money"],
)  # fmt: skip
def test_no_mail_stalls_a_feature(head: str, body: str, html: bool) -> None:
    started = time.process_time()
    scored(head, body, html)
    assert time.process_time() - started < 2.0


@given(st.text(max_size=300), st.text(max_size=500), st.booleans())
def test_any_text_is_scored(subject: str, body: str, html: bool) -> None:
    found = scored("Subject: " + " ".join(subject.split()), body, html)
    assert found.points >= 0
