"""report_line - what ravmd logs: a line for each finding, a line for each mail and group, for people and for reports.

Blanks in a value become `_`, so that every line is `key=value` words and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.gateway.content.act import Acted
from harness.gateway.content.finding import Finding, worst
from harness.gateway.content.group import Group
from harness.gateway.content.outcome import Mail, Notice
from harness.gateway.content.unpack import Unpacked


def finding_line(mail: Mail, finding: Finding) -> str:
    """`4F2A1C: found class=infected name=Eicar-Test object=part0002:a.zip/eicar.com rule=(default)`."""
    rule = f"{finding.rule.file}:{finding.rule.line}" if finding.rule.line else finding.rule.file
    return (
        f"{mail.queue_id}: found class={finding.cls} name={word(finding.name)} object={word(finding.path)} "
        f"rule={word(rule)}"
    )


def refused_line(mail: Mail, generation: int, group: Group, recipients: Sequence[str], why: str) -> str:
    """A mail refused unread: by the black list, or by a blocklist."""
    return f"{_about(mail, generation, group, recipients)} verdict=refused name={word(why)} outcome=reject"


def mail_line(
    mail: Mail, generation: int, group: Group, recipients: Sequence[str], unpacked: Unpacked,
    findings: Sequence[Finding], acted: Acted, ended: str, written: Sequence[Notice],
) -> str:  # fmt: skip
    """What was found in a mail, what was done, and who was told."""
    finding = worst(tuple(findings))
    bulk = next((one for one in findings if one.cls == "bulk"), None)
    parties = ",".join(sorted({notice.party for notice in written})) or "-"
    members = sum(part.depth > 0 for part in unpacked.parts)
    return (
        f"{_about(mail, generation, group, recipients)} size={len(mail.data)} parts={len(unpacked.parts) - members} "
        f"members={members} depth={unpacked.depth} verdict={finding.cls if finding else 'clean'} "
        f"name={word(finding.name) if finding else '-'} object={word(finding.path) if finding else '-'} "
        f"setting={finding.setting if finding else '-'} chain={';'.join(acted.chains) or '-'} "
        f"outcome={ended or 'deliver'} score={bulk.detail.partition(' ')[0] if bulk else '-'} notices={parties}"
    )


def word(text: str) -> str:
    """A value without blanks, of at most 200 characters."""
    return "".join(c if c.isprintable() and c != " " else "_" for c in text)[:200] or "-"


def _about(mail: Mail, generation: int, group: Group, recipients: Sequence[str]) -> str:
    return (
        f"{mail.queue_id}: gen={generation} client={mail.client_name}[{mail.client_address}] "
        f"from=<{word(mail.sender)}> nrcpt={len(recipients)} group={group.name}"
    ).replace("from=<->", "from=<>")
