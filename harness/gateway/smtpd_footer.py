"""smtpd_footer - smtpd_reject_footer: what stands below every refusal, its `$names` expanded (smtp_reply_footer)."""

from __future__ import annotations

from harness.gateway.expand import ExpandError, expand
from harness.gateway.policy.known import Known
from harness.gateway.policy.session_words import session_word
from harness.gateway.session import Session
from harness.smtp.reply import Reply


def footed(answer: Reply, template: str, known: Known, session: Session) -> Reply:
    """The refusal with its footer: lines of its own, parted by a written `\\n`; after `\\c` on the last line there is.

    What a stranger wrote is filtered (smtpd_expansion_filter).  `$recipient` is the first one that was accepted.  A
    template that is none adds nothing.
    """

    allowed, hostname = known.reply_filter, known.settings.text("myhostname")

    def word(name: str) -> str | None:
        value = session_word(name, session, hostname, known.log.clock.now())
        # A dollar sign is doubled: the value is not to be expanded once more.
        return None if value is None else "".join(c if c in allowed else "_" for c in value).replace("$", "$$")

    current, session.recipient = session.recipient, session.recipients[0] if session.recipients else None
    try:
        first, *rest = expand(template.removeprefix("\\c"), word).split("\\n")
    except ExpandError:
        return answer
    finally:
        session.recipient = current
    if template.startswith("\\c"):
        return answer._replace(lines=(*answer.lines[:-1], answer.lines[-1] + first, *rest))
    return answer._replace(lines=(*answer.lines, first, *rest))
