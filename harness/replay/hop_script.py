"""hop_script - what a scripted next hop does: the rules of `next_hop:`, first match wins, and their counters.  Pure.

The next hop over sockets (sink) and the one of direct mode ask the same script, so both fail alike.  Time is what the
scenario's clock says; nothing here waits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast, get_args

from harness.clock import Clock, HandClock
from harness.errors import ScenarioError, did_you_mean
from harness.replay.script import duration
from harness.scenario import HopMoment, HopRule, NextHop

MOMENTS: tuple[str, ...] = get_args(HopMoment)
_ACTIONS = ("reply", "delay", "drop", "silence", "half_close")
_REPLY = re.compile(r"[2-5][0-9]{2}([ -].*)?", re.DOTALL)
_RATE = re.compile(r"([0-9]+)/([0-9]*(?:ms|s|m|h|d)|min)")
_OF_RECIPIENTS = frozenset({"rcpt", "data", "content", "end_of_data"})
_OF_SENDERS = _OF_RECIPIENTS | {"mail"}

BY_HAND = (
    HopRule("rcpt", to="*+tempfail@*", reply="450 4.2.0 Try again later"),
    HopRule("rcpt", to="*+permfail@*", reply="550 5.1.1 No such mailbox"),
    HopRule("rcpt", to="*+slow@*", delay="5s"),
)
"""What an address asks for by itself when the world is served for use by hand."""


class HopScript:
    """The rules, and how often each has been met.

    What a rule counts (`times`, `skip`, `every`, `rate`) it counts for each sender and each recipient apart, as far as
    it names them: `to: "*@slow.test", times: 2` is two times for every address of slow.test, in any order.
    """

    def __init__(
        self, next_hop: NextHop | None = None, clock: Clock | None = None, also: Sequence[HopRule] = ()
    ) -> None:
        """Raises ScenarioError for a rule that cannot be: `check` tells of each alone."""
        next_hop = next_hop or NextHop()
        self.rules = (*next_hop.rules, *map(_shorthand, next_hop.replies, next_hop.replies.values()), *also)
        self._compiled = [_Compiled(rule) for rule in self.rules]
        self._clock = clock or HandClock()
        self._began = self._clock.now()

    def offers(self, moment: HopMoment) -> bool:
        """Whether any rule speaks of this moment."""
        return any(rule.on == moment for rule in self.rules)

    def at(self, moment: HopMoment, sender: str = "", recipients: Iterable[str] = ()) -> HopRule | None:
        """The rule that holds now, and now it has been met once more.  None: do the usual thing."""
        now, recipients = self._clock.now(), tuple(recipients)
        for one in self._compiled:
            if one.rule.on == moment and one.holds(now, now - self._began, sender, recipients):
                return one.rule
        return None


class _Compiled:
    """A rule and its counters."""

    def __init__(self, rule: HopRule) -> None:
        check(rule)
        self.rule = rule
        self._to, self._sender = _pattern(rule.to), _pattern(rule.sender)
        self._since = duration(rule.since) if rule.since else 0.0
        self._until = duration(rule.until) if rule.until else None
        self._rate = _rate(rule.rate) if rule.rate else None
        self._met: dict[tuple[str, str], int] = {}
        self._passed: dict[tuple[str, str], list[float]] = {}

    def holds(self, now: float, age_s: float, sender: str, recipients: Sequence[str]) -> bool:
        rule = self.rule
        if self._sender is not None and not self._sender.fullmatch(sender.lower()):
            return False
        mine = next((one for one in recipients if self._to is None or self._to.fullmatch(one.lower())), None)
        if self._to is not None and mine is None:
            return False
        if age_s < self._since or (self._until is not None and age_s >= self._until):
            return False
        whose = (sender.lower() if rule.sender else "", (mine or "").lower() if rule.to else "")
        if self._rate is not None:
            most, period_s = self._rate
            passed = [at for at in self._passed.get(whose, ()) if now - at < period_s]
            over = len(passed) >= most
            self._passed[whose] = passed if over else [*passed, now]
            if not over:
                return False
        met = self._met[whose] = self._met.get(whose, 0) + 1
        if met <= rule.skip or (rule.times is not None and met > rule.skip + rule.times):
            return False
        return (met - rule.skip) % rule.every == 0


def check(rule: HopRule) -> None:
    """Raises ScenarioError for what no next hop can do."""
    done = [name for name in _ACTIONS if getattr(rule, name) not in (None, False)]
    if not done:
        raise ScenarioError(f"a rule of the next hop does something: {', '.join(_ACTIONS)}")
    ends = [name for name in ("reply", "drop", "silence", "half_close") if name in done]
    if len(ends) > 1:
        raise ScenarioError(f"takes one of {', '.join(ends)}")
    if rule.reply is not None:
        if rule.on == "content":
            raise ScenarioError("nothing is replied in the middle of the content; `on: end_of_data` is the next moment")
        if not _REPLY.fullmatch(rule.reply):
            raise ScenarioError(f"expects a reply as `451 4.3.0 later`, got {rule.reply!r}")
    if rule.to is not None and rule.on not in _OF_RECIPIENTS:
        raise ScenarioError(f"at {rule.on} no recipient is known yet, so `to` means nobody")
    if rule.sender is not None and rule.on not in _OF_SENDERS:
        raise ScenarioError(f"at {rule.on} no sender is known yet, so `from` means nobody")
    if rule.taken and rule.on != "end_of_data":
        raise ScenarioError("a mail can be taken at the end of data only")
    if rule.bytes and rule.on != "content":
        raise ScenarioError("`bytes` are those of the content: `on: content`")
    if rule.on == "content" and rule.delay is not None and len(done) == 1:
        raise ScenarioError("content is taken as it comes; delay the reply to it, `on: end_of_data`")
    for name, least in (("times", 1), ("skip", 0), ("every", 1), ("bytes", 0)):
        value = getattr(rule, name)
        if value is not None and value < least:
            raise ScenarioError(f"{name}: expects {least} or more, got {value}")
    for text in (rule.delay, rule.since, rule.until):
        if text is not None:
            duration(text)
    if rule.rate is not None:
        _rate(rule.rate)


def _shorthand(key: str, reply: str) -> HopRule:
    """`RCPT full@gw.test: 452 4.2.2 full` as a rule.  Raises ScenarioError."""
    verb, _, argument = key.partition(" ")
    moment = verb.lower().replace("-", "_")
    if moment not in MOMENTS:
        known = [one.upper().replace("_", "-") for one in MOMENTS]
        raise ScenarioError(f"the next hop cannot refuse {verb!r}{did_you_mean(verb.upper(), known)}")
    if argument and moment not in ("rcpt", "mail"):
        raise ScenarioError(f"{verb} has no argument that could be asked for")
    to, sender = (argument or None if moment == name else None for name in ("rcpt", "mail"))
    return HopRule(cast(HopMoment, moment), to=to, sender=sender, reply=reply)


def _pattern(written: str | None) -> re.Pattern[str] | None:
    """`*` stands for anything; the null sender is written `<>`."""
    if written is None:
        return None
    text = "" if written == "<>" else written.lower()
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def _rate(text: str) -> tuple[int, float]:
    """(most, period in s) of `3/min`, `20/s` or `5/10s`.  Raises ScenarioError."""
    found = _RATE.fullmatch(text)
    if found is None:
        raise ScenarioError(f"expects a rate as 3/min or 20/s, got {text!r}")
    period = "60s" if found[2] == "min" else found[2] if found[2][0].isdigit() else f"1{found[2]}"
    return int(found[1]), duration(period)
