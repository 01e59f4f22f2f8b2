from __future__ import annotations

from pathlib import Path

from harness.corpus.importer import Wishes, import_all
from harness.corpus.sample import Broken, Sample

P = "Nov 24 15:20:48 gw postfix"
LOG = f"""
{P}/smtpd[1]: connect from mail.good.test[192.0.2.7]
{P}/smtpd[1]: 4Xx12345BC: client=mail.good.test[192.0.2.7]
{P}/smtpd[1]: 0123456789: client=mail.good.test[192.0.2.7]
{P}/cleanup[2]: 0123456789: message-id=<m@good.test>
{P}/qmgr[3]: 0123456789: from=<a@good.test>, size=3000, nrcpt=2 (queue active)
{P}/smtp[4]: 0123456789: to=<b@in.test>, orig_to=<b@ok.test>, relay=hop[1.2.3.4]:25, dsn=2.0.0, status=sent (ok)
{P}/smtp[4]: 0123456789: to=<c@ok.test>, relay=hop[1.2.3.4]:25, dsn=2.0.0, status=sent (ok)
{P}/qmgr[3]: 0123456789: removed
2026-11-24T15:20:48.1+00:00 gw postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.66]: 554 5.7.1 x; y; from=<s@x.test> to=<b@ok.test> proto=ESMTP helo=<h.test>
{P}/smtpd[1]: 0123456790: client=unknown[192.0.2.8]
{P}-out/smtpd[1]: NOQUEUE: reject: CONNECT from unknown[192.0.2.66]: 554 5.7.1 x; proto=SMTP
some other line
"""


def test_accepted_and_refused_mail_is_found(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_text(LOG.lstrip())
    found = list(import_all([path], Wishes(label="ham")))
    accepted, refused = (one for one in found if isinstance(one, Sample))
    assert (accepted.client, accepted.name, accepted.sender) == ("192.0.2.7", "mail.good.test", "a@good.test")
    assert accepted.recipients == ("b@ok.test", "c@ok.test") and b"<m@good.test>" in accepted.data
    assert 2500 < len(accepted.data) <= 3000
    assert (refused.client, refused.name, refused.helo) == ("192.0.2.66", None, "h.test")
    assert sum(isinstance(one, Broken) for one in found) == 2  # two mails the log ends before
