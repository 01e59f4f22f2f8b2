"""workload - what load is made of: each session of the mix as the bytes it writes and the answers it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from harness.errors import ScenarioError
from harness.replay.identity import Identity
from harness.replay.script import Script
from harness.replay.step import Last, NeedsRecipient, Send, Step, WhenOffered, WhenRefused

PHASES = ("connect", "introduce", "ehlo", "mail", "rcpt", "data", "eom", "quit")
_VERBS = {b"EHLO": "ehlo", b"HELO": "ehlo", b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data", b"QUIT": "quit"}
_INTRODUCING = b"EHLO load.localdomain\r\n"
_ANY_PORT = 40000  # of the client, as XCLIENT tells it


@dataclass(frozen=True, slots=True)
class Turn:
    """One write, and the phase of each reply to it.

    `counted`: the codes belong to the session, not to what goes before it.  `needs_recipient`: go on only if a
    recipient was accepted.
    """

    data: bytes
    phases: tuple[str, ...]
    counted: bool = True
    needs_recipient: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of session: its turns, the greeting first, and the codes that it must get (None: any)."""

    id: str
    turns: tuple[Turn, ...]
    quit: bool = True
    codes: tuple[int, ...] | None = None
    weight: int = 1

    def repeated(self, times: int) -> Job:
        """The same session with its mail sent so many times over one connection; once, if it does not get that far."""
        first = next((at for at, turn in enumerate(self.turns) if "mail" in turn.phases), len(self.turns))
        mails = self.turns[first:]
        if times == 1 or not mails:
            return self
        if self.codes is None:
            return replace(self, turns=self.turns[:first] + mails * times)
        counted = sum(len(turn.phases) for turn in self.turns[:first] if turn.counted)
        end = len(self.codes) - self.quit
        if end - counted < sum(len(turn.phases) for turn in mails):  # refused on the way: the client says goodbye
            return self
        codes = self.codes[:counted] + self.codes[counted:end] * times + self.codes[end:]
        return replace(self, turns=self.turns[:first] + mails * times, codes=codes)


def job_of(id: str, script: Script, weight: int = 1) -> Job:
    """The job that a script of a well-behaved mail makes.  Raises ScenarioError for a chat: no load follows it."""
    turns, after_data, quit = [Turn(b"", ("connect",))], False, False
    for step in _straight(script.steps):
        if isinstance(step, Send):
            phases = ("eom",) if after_data else _phases(step.data)
            after_data = phases[-1:] == ("data",)
            if phases == ("quit",):
                quit = True
            else:
                turns.append(Turn(step.data, phases))
        elif isinstance(step, NeedsRecipient):
            turns[-1] = replace(turns[-1], needs_recipient=True)
        elif not isinstance(step, Last) and type(step).__name__ != "Await":
            raise ScenarioError(f"session {id!r} is a chat; load is made of `send` sessions (load.mix names them)")
    return Job(id, tuple(turns), quit, None, weight)


def introduced(job: Job, identity: Identity, offered: str | None, target: tuple[str, int]) -> Job:
    """The job with what says who the client is before it: XCLIENT (`offered`: the attributes), PROXY, or nothing.

    Raises ScenarioError when the target offers no XCLIENT.
    """
    if identity.via == "none":
        return job
    if identity.via in ("proxy", "proxy-v2"):
        first = replace(job.turns[0], data=identity.proxy(target, _ANY_PORT))
        return replace(job, turns=(first, *job.turns[1:]))
    if offered is None:
        raise ScenarioError(f"session {job.id!r}: the target does not offer XCLIENT to us")
    before = (
        Turn(b"", ("connect",), counted=False),
        Turn(_INTRODUCING, ("introduce",), counted=False),
        Turn(identity.xclient(offered, _ANY_PORT), ("introduce",)),  # its answer is the greeting that counts
    )
    return replace(job, turns=before + job.turns[1:])


def without_pipelining(job: Job) -> Job:
    """The job for a server that does not offer PIPELINING: a command a write."""
    turns: list[Turn] = []
    for turn in job.turns:
        if len(turn.phases) == 1:
            turns.append(turn)
            continue
        lines = turn.data.splitlines(keepends=True)
        single = [Turn(line, (phase,), turn.counted) for line, phase in zip(lines, turn.phases, strict=True)]
        last = max((at for at, phase in enumerate(turn.phases) if phase == "rcpt"), default=len(single) - 1)
        single[last] = replace(single[last], needs_recipient=turn.needs_recipient)
        turns += single
    return replace(job, turns=tuple(turns))


def schedule(jobs: Iterable[Job]) -> tuple[int, ...]:
    """Places of the jobs, each as often as its weight says, spread evenly: 3 a and 1 b make a a b a, not a a a b."""
    weights = [job.weight for job in jobs]
    credit, order = [0] * len(weights), list[int]()
    for _ in range(sum(weights)):
        credit = [have + weight for have, weight in zip(credit, weights, strict=True)]
        best = max(range(len(weights)), key=credit.__getitem__)
        credit[best] -= sum(weights)
        order.append(best)
    return tuple(order)


def _straight(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps of a server that takes EHLO and offers what is asked for; see without_pipelining for another."""
    for step in steps:
        if isinstance(step, WhenOffered):
            yield from _straight(step.steps)
        elif not isinstance(step, WhenRefused):
            yield step


def _phases(data: bytes) -> tuple[str, ...]:
    phases: list[str] = []
    for line in data.split(b"\r\n")[:-1]:
        verb = line[:4].upper()
        if verb == b"BDAT":
            return (*phases, "eom")
        phases.append(_VERBS.get(verb, "other"))
    return tuple(phases)
