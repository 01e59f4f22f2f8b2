"""smtpd_settings - the parameters of smtpd(8) that its commands look at, read once per configuration."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gateway.broken_table import tables_of
from harness.gateway.client_limits import ClientLimits, client_limits
from harness.gateway.matchlist import MatchList
from harness.gateway.settings import Settings
from harness.gateway.table import Table
from harness.smtp.server import BareNewlinePolicy


@dataclass(frozen=True)
class SmtpdSettings:
    """What the command loop needs to know; names are those of postconf(5), without `smtpd_` where that is plain."""

    banner: str
    myhostname: str
    helo_required: bool
    delay_reject: bool
    strict_rfc821_envelopes: bool
    soft_bounce: bool
    message_size_limit: int
    recipient_limit: int
    recipient_overshoot_limit: int
    hard_error_limit: int
    soft_error_limit: int
    error_sleep_s: float
    junk_command_limit: int
    line_length_limit: int
    timeout_s: float
    request_deadline: bool  # timeout_s is for a whole command, or content, and not for its next byte
    data_rate: float  # ... but for each so many bytes of content there is a second more
    max_use: int
    max_idle_s: float
    disable_vrfy: bool
    smtputf8: bool
    forbid_unauth_pipelining: bool
    bare_newline: BareNewlinePolicy
    bare_newline_code: int
    bare_newline_exclusions: MatchList
    xclient_hosts: MatchList
    xforward_hosts: MatchList
    forbidden_commands: MatchList
    noop_commands: MatchList
    discard_keywords: frozenset[str]
    upstream_proxy: bool
    footer: str
    command_filter: tuple[Table, ...]
    flush_domains: MatchList
    limits: ClientLimits


def smtpd_settings(settings: Settings) -> SmtpdSettings:
    """Raises ConfigError for values that smtpd would stop at."""
    text, flag, number = settings.text, settings.flag, settings.number
    policy = text("smtpd_forbid_bare_newline").strip().lower()
    bare: BareNewlinePolicy = "no" if policy == "no" else "reject" if policy == "reject" else "normalize"
    return SmtpdSettings(
        banner=text("smtpd_banner"),
        myhostname=text("myhostname"),
        helo_required=flag("smtpd_helo_required"),
        delay_reject=flag("smtpd_delay_reject"),
        strict_rfc821_envelopes=flag("strict_rfc821_envelopes"),
        soft_bounce=flag("soft_bounce"),
        message_size_limit=number("message_size_limit"),
        recipient_limit=number("smtpd_recipient_limit"),
        recipient_overshoot_limit=number("smtpd_recipient_overshoot_limit"),
        hard_error_limit=number("smtpd_hard_error_limit"),
        soft_error_limit=number("smtpd_soft_error_limit"),
        error_sleep_s=settings.seconds("smtpd_error_sleep_time"),
        junk_command_limit=number("smtpd_junk_command_limit"),
        line_length_limit=number("line_length_limit"),
        timeout_s=settings.patience("smtpd_timeout"),
        request_deadline=text("smtpd_per_request_deadline").strip().lower() == "yes",
        data_rate=number("smtpd_min_data_rate") * settings.haste,
        disable_vrfy=flag("disable_vrfy_command"),
        max_use=number("max_use"),
        max_idle_s=settings.seconds("max_idle"),
        smtputf8=flag("smtputf8_enable"),
        forbid_unauth_pipelining=flag("smtpd_forbid_unauth_pipelining"),
        bare_newline=bare,
        bare_newline_code=number("smtpd_forbid_bare_newline_reject_code") or 550,
        bare_newline_exclusions=settings.address_list("smtpd_forbid_bare_newline_exclusions"),
        xclient_hosts=settings.address_list("smtpd_authorized_xclient_hosts"),
        xforward_hosts=settings.address_list("smtpd_authorized_xforward_hosts"),
        forbidden_commands=settings.string_list("smtpd_forbidden_commands"),
        noop_commands=settings.string_list("smtpd_noop_commands"),
        discard_keywords=frozenset(text("smtpd_discard_ehlo_keywords").upper().replace(",", " ").split()),
        upstream_proxy=text("smtpd_upstream_proxy_protocol").strip().lower() == "haproxy",
        footer=settings.raw("smtpd_reject_footer"),
        command_filter=tables_of(settings, "smtpd_command_filter"),
        flush_domains=settings.domain_list("fast_flush_domains"),
        limits=client_limits(settings),
    )
