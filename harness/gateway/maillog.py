"""maillog - log lines as Postfix writes them, so that pflogsumm and every administrator's grep can read them."""

from __future__ import annotations

import time
from collections.abc import Callable

from harness.clock import Clock

Sink = Callable[[str], None]


class MailLog:
    """Writes lines of the form `Nov 24 15:20:48 gw postfix/smtpd[412]: text` and hands each to every sink.

    One pseudo-pid per session stands for the smtpd process that would have served it.  `utf8`: smtputf8_enable of the
    configuration in force, without which only ASCII is printable.  Source: syslog(3), maillog_file.
    """

    def __init__(self, clock: Clock, hostname: str, *sinks: Sink) -> None:
        self.clock, self.hostname, self.sinks = clock, hostname.partition(".")[0] or "localhost", list(sinks)
        self.utf8 = True
        self._second, self._stamp = -1, ""
        self.lines = 0  # so many were written, whether anybody reads them or not

    def line(self, program: str, pid: int, text: str) -> None:
        """Write one line; unprintable characters become `?` (msg_vprintf, printable())."""
        self.lines += 1
        if not self.sinks:
            return
        second = int(self.clock.now())
        if second != self._second:
            self._second, self._stamp = second, time.strftime("%b %e %H:%M:%S", time.gmtime(second))
        name = program if program == "ravmd" else f"postfix/{program}"
        whole = f"{self._stamp} {self.hostname} {name}[{pid}]: {printable(text, self.utf8)}"
        for sink in self.sinks:
            sink(whole)


def printable(text: str, utf8: bool = True) -> str:
    """The text with `?` for every byte that is not printable, as printable(3) of Postfix's util library.

    UTF-8 is printable if `utf8` (util_utf8_enable).
    """
    if text.isascii() and text.isprintable():
        return text
    if not utf8:
        text = text.encode("utf-8", "surrogateescape").decode("ascii", "surrogateescape")
    return "".join(c if c.isprintable() and not "\udc80" <= c <= "\udcff" else "?" for c in text)
