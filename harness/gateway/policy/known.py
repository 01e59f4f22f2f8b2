"""known - what main.cf says that a restriction may need, read once when the policy is made."""

from __future__ import annotations

from typing import Any

from harness.errors import ConfigError
from harness.gateway.broken_table import BrokenTable, open_or_break, tables_of
from harness.gateway.expand import compatibility_level
from harness.gateway.lookup import Key, find_key
from harness.gateway.maillog import MailLog
from harness.gateway.policy.blocklist import Blocklist, parse_pattern
from harness.gateway.policy.certificates import certificate_table, split_spec
from harness.gateway.policy.endpoint import Service, parse_service
from harness.gateway.policy.probe import Probe
from harness.gateway.policy.verdict import Reject
from harness.gateway.resolve import Resolved, routes
from harness.gateway.rule import Rule
from harness.gateway.settings import Settings
from harness.gateway.table import Hit, Table

TEMPFAIL_ACTIONS = {
    "unknown_helo_hostname_tempfail_action": "defer_if_permit",
    "unknown_address_tempfail_action": "defer_if_permit",
    "unverified_recipient_tempfail_action": "defer_if_permit",
    "unverified_sender_tempfail_action": "defer_if_permit",
}

REWRITING_MAPS = ("recipient_canonical_maps", "sender_canonical_maps", "canonical_maps", "virtual_alias_maps")
RECIPIENT_MAPS = (
    *REWRITING_MAPS,
    "local_recipient_maps",
    "virtual_mailbox_maps",
    "relay_recipient_maps",
)


class Known:
    """Settings as the restrictions use them: numbers as numbers, lists and tables opened."""

    def __init__(self, settings: Settings, log: MailLog, probe: Probe | None = None) -> None:
        self.settings, self.log, self.probe = settings, log, probe
        self.asking: int | None = None  # the session for which a table is asked: what it warns about is smtpd's to log
        settings.listen(self._warned)
        number, flag, text = settings.number, settings.flag, settings.text

        self.reject_code = number("reject_code")
        self.defer_code = number("defer_code")
        self.access_map_reject_code = number("access_map_reject_code")
        self.access_map_defer_code = number("access_map_defer_code")
        self.maps_rbl_reject_code = number("maps_rbl_reject_code")
        self.relay_domains_reject_code = number("relay_domains_reject_code")
        self.unknown_client_reject_code = number("unknown_client_reject_code")
        self.unknown_hostname_reject_code = number("unknown_hostname_reject_code")
        self.unknown_address_reject_code = number("unknown_address_reject_code")
        self.invalid_hostname_reject_code = number("invalid_hostname_reject_code")
        self.non_fqdn_reject_code = number("non_fqdn_reject_code")
        self.plaintext_reject_code = number("plaintext_reject_code")
        self.multi_recipient_bounce_reject_code = number("multi_recipient_bounce_reject_code")
        self.unverified_sender_reject_code = number("unverified_sender_reject_code")
        self.unverified_sender_defer_code = number("unverified_sender_defer_code")
        self.unverified_recipient_reject_code = number("unverified_recipient_reject_code")
        self.unverified_recipient_defer_code = number("unverified_recipient_defer_code")
        self.unknown_recipient_codes = {
            "local": number("unknown_local_recipient_reject_code"),
            "alias": number("unknown_virtual_alias_reject_code"),
            "virtual": number("unknown_virtual_mailbox_reject_code"),
            "relay": number("unknown_relay_recipient_reject_code"),
        }
        self.unverified_sender_reason = text("unverified_sender_reject_reason")
        self.unverified_recipient_reason = text("unverified_recipient_reject_reason")
        self.defers_now = {name: self._defers_now(name) for name in TEMPFAIL_ACTIONS}

        self.delay_reject = flag("smtpd_delay_reject")
        self.soft_bounce = flag("soft_bounce")
        self.utf8 = flag("smtputf8_enable")
        # check_sender_rcpt_maps and check_recipient_rcpt_maps ask nothing then, not even where they are written.
        self.checks_unlisted = "no_unknown_recipient_checks" not in _words(text("receive_override_options"))
        self.reject_unlisted_recipient = flag("smtpd_reject_unlisted_recipient")
        self.reject_unlisted_sender = flag("smtpd_reject_unlisted_sender")
        self.allow_untrusted_routing = flag("allow_untrusted_routing")
        self.sasl = flag("smtpd_sasl_auth_enable")
        self.asks_certificates = flag("smtpd_tls_ask_ccert")
        self.show_table = flag("show_user_unknown_table_name")
        self.proxy_filter = bool(text("smtpd_proxy_filter"))
        self.message_size_limit = number("message_size_limit")
        self.address_limit = number("dns_rr_list_limit") if "dns_rr_list_limit" in settings.parameters() else 100
        self.null_key = text("smtpd_null_access_lookup_key")
        self.ipv4, self.ipv6 = _families(text("inet_protocols"))

        level = compatibility_level(text("compatibility_level"))
        relay_first = flag("smtpd_relay_before_recipient_restrictions")
        self.compatible_relay = level < compatibility_level("1") and not settings.defined("smtpd_relay_restrictions")
        self.compatible_order = level < compatibility_level("3.6") and not settings.defined(
            "smtpd_relay_before_recipient_restrictions"
        )
        self.compatible_domains = level < compatibility_level("2") and not settings.defined("relay_domains")
        self.relay_first = relay_first and not self.compatible_relay

        parents = text("parent_domain_matches_subdomains").replace(",", " ").split()
        self.parent_style = "smtpd_access_maps" in parents
        self.delimiter = text("recipient_delimiter")
        self.networks = settings.address_list("mynetworks")
        self.relay_domains = settings.domain_list("relay_domains")
        self.backup_networks = settings.address_list("permit_mx_backup_networks")
        self.has_backup_networks = bool(text("permit_mx_backup_networks"))
        self.routes = routes(settings)
        self.maps = {name: tables_of(settings, name) for name in RECIPIENT_MAPS}
        self.rewriting_maps = tuple(name for name in REWRITING_MAPS if self.maps[name])
        self.client_certificates = tables_of(settings, "relay_clientcerts")
        self.login_maps = tables_of(settings, "smtpd_sender_login_maps")
        self.reply_maps = tables_of(settings, "rbl_reply_maps")
        self.reply_template = settings.raw("default_rbl_reply") or ""
        self.reply_filter = _unescape(settings.raw("smtpd_expansion_filter") or "")
        self.old_blocklists = tuple(
            self.blocklist(zone, settings.rule("maps_rbl_domains")) for zone in _words(text("maps_rbl_domains"))
        )
        self.said_maps_rbl = False  # the one warning about it was given
        self.permit_log = bool(text("smtpd_log_access_permit_actions"))
        self._permit_actions = settings.string_list("smtpd_log_access_permit_actions")
        self.probe_sender = self._probe_sender()

        self.classes = {name: self._class(name) for name in _words(text("smtpd_restriction_classes"))}
        self.compiled: dict[tuple[object, ...], tuple[Any, ...]] = {}  # Elements, by what they were parsed from
        self.refusals: dict[tuple[object, ...], Reject] = {}  # by the listing that each words (dnsxl)
        self._tables: dict[str, Table] = {}
        self._services: dict[str, Service] = {}

    def _warned(self, text: str) -> bool:
        if self.asking is not None:
            self.log.line("smtpd", self.asking, f"warning: {text}")
        return self.asking is not None

    def logs_permit(self, action: str) -> bool:
        """Is this permit action to be logged (smtpd_log_access_permit_actions)?"""
        return self._permit_actions.matches(action)

    def is_probe_sender(self, address: str) -> bool:
        """Is this the sender of our own address verification probes?"""
        return bool(self.probe_sender) and address.lower() == self.probe_sender.lower()

    def as_configured(self, address: str) -> str:
        """The address; the probe sender as main.cf spells it (valid_verify_sender_addr in smtpd.c)."""
        return self.probe_sender if self.is_probe_sender(address) else address

    def access_table(self, spec: str) -> Table:
        """The table of an access element; one that cannot be opened answers nothing but errors."""
        table = self._tables.get(spec)
        if table is None:
            table = self._tables[spec] = self._open(spec)
        return table

    def _open(self, spec: str) -> Table:
        if not spec.startswith("{"):
            return open_or_break(self.settings, spec)
        try:
            name, order = split_spec(spec)
        except ValueError as error:
            return BrokenTable(spec, str(error))
        return certificate_table(open_or_break(self.settings, name), order)

    def blocklist(self, argument: str, rule: Rule) -> Blocklist:
        """`zone` or `zone=pattern`.  Raises ConfigError for a bad pattern: smtpd dies at the first use of it."""
        zone, equals, pattern = argument.partition("=")
        try:
            return Blocklist(argument, zone, parse_pattern(pattern) if equals else None)
        except ValueError as error:
            raise ConfigError(f"RBL reply error: {error}", file=rule.file, line=rule.line or None) from None

    def service(self, spec: str) -> Service:
        """The policy service of this name, with its own settings or those of main.cf.  Raises ValueError."""
        service = self._services.get(spec)
        if service is None:
            service = self._services[spec] = parse_service(spec, self.settings)
        return service

    def resolve(self, address: str, sender: str | None = None) -> Resolved:
        """The address as trivial-rewrite resolves it; smtpd remembers the answers."""
        return self.routes.resolve(address, sender or "")

    def in_map(self, name: str, address: str) -> Hit | None:
        """The entry of an address in one of the recipient maps.  Raises TableError."""
        return self.find_address(self.maps[name], address)

    def find_address(self, tables: tuple[Table, ...], address: str) -> Hit | None:
        """The entry of an address in these maps, by mail_addr_find.  Raises TableError."""
        if not tables:
            return None
        for key, full in self.map_keys(address):
            hit = find_key(tables, key, full)
            if hit is not None:
                return hit
        return None

    def map_keys(self, address: str) -> tuple[Key, ...]:
        return self.routes.map_keys(address)

    def _class(self, name: str) -> tuple[tuple[str, Rule], ...]:
        if not self.settings.defined(name) or not self.settings.text(name):
            rule = self.settings.rule("smtpd_restriction_classes")
            raise ConfigError(f"restriction class `{name}' needs a definition", file=rule.file, line=rule.line or None)
        return tuple(self.settings.elements(name))

    def _defers_now(self, name: str) -> bool:
        """Does this *_tempfail_action refuse at once?  Raises ConfigError for any other word, as smtpd does."""
        value = self.settings.text(name)
        if value.lower() not in ("defer", "defer_if_permit"):
            rule = self.settings.rule(name)
            raise ConfigError(f"bad configuration: {name} = {value}", file=rule.file, line=rule.line or None)
        return value.lower() == "defer"

    def _probe_sender(self) -> str:
        sender = self.settings.text("address_verify_sender")
        if sender in ("", "<>"):
            return ""
        return self.routes.rewrite(sender)


def _words(value: str) -> list[str]:
    return value.replace(",", " ").split()


def _families(value: str) -> tuple[bool, bool]:
    words = {word.lower() for word in _words(value)}
    return bool(words & {"all", "ipv4"}), bool(words & {"all", "ipv6"})


def _unescape(value: str) -> frozenset[str]:
    r"""The characters of smtpd_expansion_filter: `\t`, `\40` and relatives stand for what they do in C."""
    simple = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
    characters: set[str] = set()
    at = 0
    while at < len(value):
        character = value[at]
        at += 1
        if character == "\\" and at < len(value):
            digits = value[at : at + 3]
            while digits and not all(digit in "01234567" for digit in digits):
                digits = digits[:-1]
            if digits:
                character, at = chr(int(digits, 8) & 0xFF), at + len(digits)
            else:
                character, at = simple.get(value[at], value[at]), at + 1
        characters.add(character)
    return frozenset(characters)
