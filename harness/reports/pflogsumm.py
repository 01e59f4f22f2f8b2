"""pflogsumm - the traffic of a mail log in the form, and with the figures, of pflogsumm 1.1.5."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from harness.log_line import MONTHS
from harness.report import log_reports
from harness.traffic import Account, Details, Nested, Traffic, count_traffic

_KILO_FROM, _MEGA_FROM = 512 * 1024, 512 * 1024 * 1024  # shown in KiB, in MiB above these
_COLUMNS = "received  delivered   deferred    bounced     rejected"
_QUAD = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})", re.ASCII)


@log_reports.register("pflogsumm")
def pflogsumm(lines: Iterable[str], today: date) -> str:
    """The whole report; `today` gives the year that the stamps of syslog leave out.  A log of no mail is all zeros."""
    return "\n".join(_report(count_traffic(lines), today)) + "\n"


def _report(traffic: Traffic, today: date) -> Iterator[str]:
    yield from _totals(traffic)
    if traffic.day_count > 1:
        yield from _days(traffic, today)
    yield from _hours(traffic)
    yield from _deliveries(traffic.recipient_domains)
    yield from _received(traffic.sending_domains)
    for title, accounts, by_size in (
        ("Senders by message count", traffic.senders, False),
        ("Recipients by message count", traffic.recipients, False),
        ("Senders by message size", traffic.senders, True),
        ("Recipients by message size", traffic.recipients, True),
    ):
        values = {name: one.size_bytes if by_size else one.count for name, one in accounts.items()}
        yield from _ranked(title, values, " ")
    if traffic.no_size:
        yield from _headed("Messages with no size data", True)
        yield from (f" {queue_id}  {traffic.no_size[queue_id]}" for queue_id in sorted(traffic.no_size))
    yield from _problems(traffic)


def _problems(traffic: Traffic) -> Iterator[str]:
    yield from _nested("message deferral detail", traffic.deferral_details)
    yield from _nested("message bounce detail (by relay)", traffic.bounce_details)
    for kind, title in (
        ("rejects", "reject"),
        ("warnings", "reject warning"),
        ("holds", "hold"),
        ("discards", "discard"),
    ):
        yield from _nested(f"message {title} detail", traffic.turned_details.get(kind, {}))
    yield from _nested("smtp delivery failures", traffic.smtp_failures)
    for word, title in (("warning", "Warnings"), ("fatal", "Fatal Errors"), ("panic", "Panics")):
        yield from _nested(title, traffic.troubles.get(word, {}))
    yield from _ranked("Master daemon messages", traffic.master, " ")


def _totals(traffic: Traffic) -> Iterator[str]:
    turned = traffic.turned
    whole = traffic.delivered + turned["rejects"] + turned["discards"]

    def percent(kind: str) -> int:
        return int(turned[kind] / whole * 100) if whole else 0  # in floating point, as there

    deferrals = f"  ({_unit(traffic.deferrals)} deferrals)" if traffic.deferrals else ""
    yield from _titled("Grand Totals")
    yield "messages"
    yield ""
    yield f" {_figure(traffic.received)}  received"
    yield f" {_figure(traffic.delivered)}  delivered"
    yield f" {_figure(traffic.forwarded)}  forwarded"
    yield f" {_figure(traffic.deferred)}  deferred{deferrals}"
    yield f" {_figure(traffic.bounced)}  bounced"
    yield f" {_figure(turned['rejects'])}  rejected ({percent('rejects')}%)"
    yield f" {_figure(turned['warnings'])}  reject warnings"
    yield f" {_figure(turned['holds'])}  held"
    yield f" {_figure(turned['discards'])}  discarded ({percent('discards')}%)"
    yield ""
    yield f" {_figure(traffic.bytes_received)}  bytes received"
    yield f" {_figure(traffic.bytes_delivered)}  bytes delivered"
    yield f" {_figure(len(traffic.senders))}  senders"
    yield f" {_figure(len(traffic.sending_domains))}  sending hosts/domains"
    yield f" {_figure(len(traffic.recipients))}  recipients"
    yield f" {_figure(sum(one.count > 0 for one in traffic.recipient_domains.values()))}  recipient hosts/domains"
    yield ""


def _days(traffic: Traffic, today: date) -> Iterator[str]:
    yield from _titled("Per-Day Traffic Summary")
    yield f"    date          {_COLUMNS}"
    yield "    " + "-" * 68
    dated = sorted((today.year - (month > today.month - 1), month, day) for month, day in traffic.days)
    for year, month, day in dated:
        columns = traffic.days[month, day]
        # pflogsumm ends a line behind the last column that was ever counted that day.
        figures = "".join(f"    {_figure(columns.get(column, 0))}" for column in range(max(columns) + 1))
        yield f"    {MONTHS[month]} {day:2d} {year}{figures}"


def _hours(traffic: Traffic) -> Iterator[str]:
    yield from _titled(f"Per-Hour Traffic {'Daily Average' if traffic.day_count > 1 else 'Summary'}")
    yield f"    time          {_COLUMNS}"
    yield "    " + "-" * 68
    for hour, counts in enumerate(traffic.hours):
        days = traffic.day_count
        figures = "".join(f"    {_figure(count / days + 0.5 if days else count)}" for count in counts)
        yield f"    {hour:02d}00-{hour + 1:02d}00  {figures}"


def _deliveries(domains: Mapping[str, Account]) -> Iterator[str]:
    yield from _titled("Host/Domain Summary: Message Delivery ")
    yield " sent cnt  bytes   defers   avg dly max dly host/domain"
    yield " -------- -------  -------  ------- ------- -----------"
    for name, one in _busiest(domains):
        average = one.delay_s / one.count if one.count else 0.0
        yield (
            f" {_figure(one.count)}  {_figure(one.size_bytes)}  {_figure(one.deferrals)}  {_time(average)}  "
            f"{_time(one.longest_s)}  {name}"
        )


def _received(domains: Mapping[str, Account]) -> Iterator[str]:
    yield from _titled("Host/Domain Summary: Messages Received ")
    yield " msg cnt   bytes   host/domain"
    yield " -------- -------  -----------"
    for name, one in _busiest(domains):
        yield f" {_figure(one.count)}  {_figure(one.size_bytes)}  {name}"


def _busiest(accounts: Mapping[str, Account]) -> list[tuple[str, Account]]:
    """By mails, then by bytes; by name among equals, where pflogsumm has no order."""
    return sorted(accounts.items(), key=lambda item: (-item[1].count, -item[1].size_bytes, item[0]))


def _ranked(title: str, values: Mapping[str, int], indent: str) -> Iterator[str]:
    yield from _headed(title, bool(values))
    yield from _by_value(values, indent)


def _by_value(values: Mapping[str, int], indent: str) -> Iterator[str]:
    for name in sorted(values, key=lambda name: (-values[name], _sort_key(name), name)):
        yield f"{indent}{_figure(values[name])}  {name}"


def _nested(title: str, details: Details | Nested) -> Iterator[str]:
    yield from _headed(title, bool(details))
    yield from _walk(details, "  ")


def _walk(details: Mapping[str, Counter[str] | dict[str, Counter[str]]], indent: str) -> Iterator[str]:
    for name in sorted(details):
        inner = details[name]
        if isinstance(inner, Counter):
            yield f"{indent}{name} (total: {sum(inner.values())})"
            yield from _by_value(inner, indent + "  ")
        else:
            yield f"{indent}{name}"
            yield from _walk(inner, indent + "  ")


def _headed(title: str, there: bool) -> Iterator[str]:
    yield ""
    yield title if there else f"{title}: none"
    if there:
        yield "-" * len(title)


def _titled(title: str) -> Iterator[str]:
    yield ""
    yield title
    yield "-" * len(title)


def _sort_key(name: str) -> str:
    """Addresses by number, names from the top-level domain down; what follows a blank does not count."""
    first = name.split(None, 1)[0] if name and not name[0].isspace() and name.strip() else ""
    if quad := _QUAD.fullmatch(first):
        return "".join(chr(int(octet)) for octet in quad.groups())
    pieces = re.split(r"[.@]", first)
    while pieces and not pieces[-1]:
        pieces.pop()
    return "".join(piece.lower() for piece in reversed(pieces))


def _scaled(value: float) -> tuple[float, str]:
    if value > _MEGA_FROM:
        return value / (1024 * 1024), "m"
    return (value / 1024, "k") if value > _KILO_FROM else (value, " ")


def _figure(value: float) -> str:
    """A count or a size in seven columns: `     12 `, `    600k`."""
    scaled, unit = _scaled(value)
    return f"{int(scaled):6d}{unit}"


def _unit(value: float) -> str:
    scaled, unit = _scaled(value)
    return f"{int(scaled)}{unit}"


def _time(seconds: float) -> str:
    if seconds > 3600:
        return f"{seconds / 3600:5.1f} h"
    return f"{seconds / 60:5.1f} m" if seconds > 60 else f"{seconds:5.1f} s"
