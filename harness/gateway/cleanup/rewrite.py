"""rewrite - the envelope as cleanup(8) leaves it: canonical addresses, aliases expanded, copies added.

    sender:     rewritten, sender_canonical_maps, canonical_maps, masquerade_domains; sender_bcc_maps
    recipients: rewritten, recipient_canonical_maps, canonical_maps, masquerade_domains; virtual_alias_maps;
                recipient_bcc_maps; always_bcc

Source: cleanup_addr.c, cleanup_map11.c, cleanup_map1n.c, mail_addr_map.c, mail_addr_crunch.c.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from harness.gateway.cleanup.address_header import rewritten
from harness.gateway.cleanup.envelope import Addresses, Envelope, EnvelopeError, Once, Settings
from harness.gateway.cleanup.masquerade import Masquerade
from harness.gateway.dsn import NOTHING_SAID, Wanted, in_turn
from harness.gateway.lookup import find_key, strip_extension
from harness.gateway.rule import Rule
from harness.gateway.session import Asked
from harness.gateway.table import Hit, Table, TableError
from harness.smtp.address import quote_address, unquote_address

_CANONICAL_ROUNDS = 10
_MAPS = (
    *("canonical_maps", "sender_canonical_maps", "recipient_canonical_maps"),
    *("virtual_alias_maps", "sender_bcc_maps", "recipient_bcc_maps"),
)
_NEVER = Wanted(("NEVER",))
_REMEMBERED = 1024  # headers


class Rewriter:
    """The maps of the envelope, opened once."""

    def __init__(self, settings: Settings, addresses: Callable[[], Addresses]) -> None:
        self._addresses = addresses
        self._tables: dict[str, tuple[Table, ...]] = {}
        self._broken: dict[str, TableError] = {}
        for name in _MAPS:
            try:
                self._tables[name] = settings.tables(name)
            except TableError as error:
                self._broken[name] = error
        self._always_bcc = settings.text("always_bcc")
        self._delimiter = settings.text("recipient_delimiter")
        self._propagate = frozenset(settings.text("propagate_unmatched_extensions").replace(",", " ").split())
        self._sender_classes, self._recipient_classes, self._common_classes = (
            settings.text(f"{prefix}canonical_classes").replace(",", " ").split()
            for prefix in ("sender_", "recipient_", "")
        )
        self._most_recipients = settings.number("virtual_alias_expansion_limit")
        self._most_rounds = settings.number("virtual_alias_recursion_limit")
        self._longest = settings.number("virtual_alias_address_length_limit")
        domains = settings.text("masquerade_domains").replace(",", " ").split()
        self.masquerade = Masquerade(domains, settings.string_list("masquerade_exceptions")) if domains else None
        self._masquerade_classes = settings.text("masquerade_classes").replace(",", " ").split()
        self._keeps_original = settings.flag("enable_original_recipient")
        self._headers: dict[bytes, bytes] = {}
        self._plain = not (self._broken or any(self._tables.values()) or self._always_bcc or self.masquerade)

    def envelope(
        self,
        sender: str,
        recipients: Sequence[str],
        copies: Sequence[str] = (),
        said: Sequence[Wanted] = (),
        written: Sequence[str] = (),
    ) -> Envelope:
        """The envelope for these addresses in internal form.  `copies` are blind ones; aliases apply to them too.

        `said` of each recipient at RCPT, and how it was `written` there.  Raises EnvelopeError.
        """
        try:
            addresses = self._addresses()
        except TableError as error:  # transport_maps and relatives that cannot be opened
            raise EnvelopeError(f"address rewriting problem ({error})", True) from error
        if (
            self._plain and not copies and len(recipients) == 1 and (not said or said[0] == NOTHING_SAID)
        ):  # nearly all mail
            recipient = addresses.rewrite(recipients[0])
            if recipient == recipients[0]:
                return Envelope(_sender(addresses, sender), (recipient,), recipient)
        return _Run(self, addresses).envelope(sender, recipients, copies, said, written)

    @property
    def maps(self) -> bool:
        """Is any address changed but by what it lacks?"""
        return not self._plain

    def header(self, whose: str, header: bytes) -> bytes:
        """A header of local mail with its addresses rewritten; `whose`: header_sender or header_recipient.

        Many a header comes again; without maps what becomes of it is remembered.  Raises EnvelopeError.
        """
        anew = self._headers.get(header)
        if anew is None:
            text = rewritten(header.decode("utf-8", "surrogateescape"), partial(self._in_header, whose))
            anew = header if text is None else text.encode("utf-8", "surrogateescape")
            if self._plain:
                if len(self._headers) >= _REMEMBERED:
                    self._headers.clear()
                self._headers[header] = anew
        return anew

    def _in_header(self, whose: str, address: str) -> str:
        try:
            run = _Run(self, self._addresses())
            clean = run.addresses.rewrite(address)
            classes = self._sender_classes if whose == "header_sender" else self._recipient_classes
            if whose in classes:
                clean = run.canonical(f"{whose.removeprefix('header_')}_canonical_maps", clean)
            if whose in self._common_classes:
                clean = run.canonical("canonical_maps", clean)
            if self.masquerade and whose in self._masquerade_classes:
                clean = run.masked(clean)
        except TableError as error:
            raise EnvelopeError(f"address rewriting problem ({error})", True) from error
        return clean

    def notified(self, address: str) -> tuple[str, ...]:
        """Who gets what is written to this address here: mapped as every recipient is, but nobody gets a copy."""
        try:
            run = _Run(self, self._addresses())
            run.add_copy(quote_address(address))
        except (EnvelopeError, TableError):
            return (address,)  # and better there than nowhere
        return tuple(run.recipients)

    def copies(self, envelope: Envelope, copies: Iterable[str]) -> Envelope:
        """The envelope with more blind copies, which were found in the content.  Raises EnvelopeError."""
        run = _Run(self, self._addresses())
        run.seen.update(envelope.seen)
        names = in_turn(envelope.originals, envelope.recipients)
        said = in_turn(envelope.wanted, envelope.recipients)
        for recipient, name, wish in zip(envelope.recipients, names, said, strict=True):
            run.called.setdefault(recipient, []).append(name or recipient)
            run.wanted.setdefault(recipient, []).append(wish or NOTHING_SAID)
        for copy in copies:
            run.add_copy(copy)
        return envelope._replace(
            recipients=(*envelope.recipients, *run.recipients),
            trace=envelope.trace + tuple(run.trace),
            seen=frozenset(run.seen),
            originals=run.renamed(),
            wanted=run.said(),
        )


class _Run:
    """The rewriting of one envelope."""

    def __init__(self, rewriter: Rewriter, addresses: Addresses) -> None:
        self.rules, self.addresses = rewriter, addresses
        self.recipients: list[str] = []
        self.seen: set[Once] = set()
        self.trace: list[Asked] = []
        self.called: dict[str, list[str]] = {}
        self.wanted: dict[str, list[Wanted]] = {}
        self.expanded: list[str] = []

    def envelope(
        self,
        sender: str,
        recipients: Sequence[str],
        copies: Iterable[str],
        said: Sequence[Wanted],
        written: Sequence[str],
    ) -> Envelope:
        rules = self.rules
        last = ""
        pending: list[str] = []
        clean = _sender(self.addresses, sender)
        if clean and not rules._plain:
            if "envelope_sender" in rules._sender_classes:
                clean = self.canonical("sender_canonical_maps", clean)
            if "envelope_sender" in rules._common_classes:
                clean = self.canonical("canonical_maps", clean)
            if rules.masquerade and "envelope_sender" in rules._masquerade_classes:
                clean = self.masked(clean)
            if (bcc := self._find("sender_bcc_maps", clean)) is not None:
                pending.append(bcc[0].value)
        for place, recipient in enumerate(recipients):
            last = self._recipient(recipient)
            self._add(
                recipient,
                last,
                said[place] if place < len(said) else NOTHING_SAID,
                written[place] if place < len(written) else recipient,
            )
            if not rules._plain and (bcc := self._find("recipient_bcc_maps", last)) is not None:
                self.add_copy(bcc[0].value)
        for copy in pending:
            self.add_copy(copy)
        for place, copy in enumerate(copies):  # smtpd says NEVER behind each, and so of the next
            self.add_copy(copy, _NEVER if place else NOTHING_SAID, copy)
        if rules._always_bcc:
            self.add_copy(rules._always_bcc)
        return Envelope(
            clean,
            tuple(self.recipients),
            last,
            tuple(self.trace),
            frozenset(self.seen),
            self.renamed(),
            self.said(),
            tuple(self.expanded),
        )

    def add_copy(self, address: str, said: Wanted | None = None, written: str = "") -> None:
        """A blind copy: rewritten and mapped as a recipient is, but without copies of its own."""
        clean = self._recipient(unquote_address(address))
        self._add(clean, clean, said, written)

    def said(self) -> dict[str, list[Wanted]]:
        """The recipients of whom something was said, or somebody is not to hear."""
        return {one: said for one, said in self.wanted.items() if any(wish != NOTHING_SAID for wish in said)}

    def renamed(self) -> dict[str, tuple[str, ...]]:
        """The recipients that are not called what they were called."""
        return {
            recipient: tuple(names)
            for recipient, names in self.called.items()
            if any(name != recipient for name in names)
        }

    def _recipient(self, address: str) -> str:
        clean = self.addresses.rewrite(address)
        if not self.rules._plain:
            if "envelope_recipient" in self.rules._recipient_classes:
                clean = self.canonical("recipient_canonical_maps", clean)
            if "envelope_recipient" in self.rules._common_classes:
                clean = self.canonical("canonical_maps", clean)
            if self.rules.masquerade and "envelope_recipient" in self.rules._masquerade_classes:
                clean = self.masked(clean)
        return clean

    def masked(self, address: str) -> str:
        assert self.rules.masquerade is not None
        try:
            return self.rules.masquerade.apply(address)
        except TableError as error:
            raise EnvelopeError(f"masquerade_exceptions lookup problem for {address}", True) from error

    def _add(self, original: str, address: str, said: Wanted | None, written: str = "") -> None:
        """Queue a recipient, or what its aliases give; the same result for the same original only once.

        One of which something else was said, or that was written another way (without ORCPT that is its ORCPT), is
        another one, and so is a blind copy; with enable_original_recipient off, the result alone counts.  Of an alias
        of several nobody who gets it is asked to report success: its sender hears that it was expanded
        (cleanup_out_recipient; RFC 3461 5.2.7.1, option b).
        """
        about, first = None, original.lower()
        if not self.rules._keeps_original:
            first = ""
        elif said is not None:
            orcpt = said.original or f"rfc822;{written}"
            about = Wanted(tuple(sorted(set(said.notify))), orcpt.lower())
        results = [address] if self.rules._plain else self._aliases(address)
        if said is not None and len(results) > 1 and "SUCCESS" in said.notify:
            self.expanded.append(address)
            self.wanted.setdefault(address, []).append(said)
            left = tuple(event for event in said.notify if event != "SUCCESS")
            said = replace(said, notify=left or _NEVER.notify)
        for result in results:
            key = (about, first, result.lower())
            if key in self.seen:
                continue
            self.seen.add(key)
            self.recipients.append(result)
            self.wanted.setdefault(result, []).append(_NEVER if said is None else said)
            self.called.setdefault(result, []).append(original)

    def canonical(self, maps: str, address: str) -> str:
        """One address for another, again and again until nothing changes."""
        for _ in range(_CANONICAL_ROUNDS):
            results = self._map(maps, address, "canonical")
            if not results or results[0].lower() == address.lower():
                return results[0] if results else address
            address = results[0]
        raise EnvelopeError(f"unreasonable {maps} map nesting for {address}", False)

    def _aliases(self, address: str) -> list[str]:
        """Every address that an alias stands for, through aliases of aliases (cleanup_map1n_internal)."""
        rules, maps = self.rules, "virtual_alias_maps"
        results, done = [address], set[str]()
        for place in range(rules._most_recipients + 1):
            if place >= len(results):
                return results
            if len(results) > rules._most_recipients:
                break
            rounds = 0
            # An address may stand in its own expansion once, and is then final.
            while results[place].lower() not in done:
                if rounds >= rules._most_rounds:
                    raise EnvelopeError(f"unreasonable {maps} map nesting for {address}", False)
                rounds += 1
                alias = results[place]
                found = self._map(maps, alias, "virtual")
                if not found:
                    break
                if longest := next((one for one in found if len(one) > rules._longest), ""):
                    raise EnvelopeError(f"unreasonable {maps} result {longest[:300]}...", False)
                results[place] = found[0]
                results += found[1:]
                if alias.lower() in (one.lower() for one in found):
                    done.add(alias.lower())
        raise EnvelopeError(f"unreasonable {maps} map expansion size for {address}", False)

    def _map(self, maps: str, address: str, propagated: str) -> list[str]:
        """The addresses that one lookup gives, in internal form; [] without a match (mail_addr_map)."""
        found = self._find(maps, address)
        if found is None:
            return []
        hit, key = found
        local, _, _ = address.rpartition("@")
        extension = self._unmatched(local or address, key) if propagated in self.rules._propagate else ""
        results: list[str] = []
        for value in _split_addresses(hit.value):
            # `@domain` as a result: the same user over there.
            value = unquote_address(quote_address(local) + value if value.startswith("@") else value)
            value = self.addresses.rewrite(value)
            if extension:
                user, at, domain = value.rpartition("@")
                value = f"{user}{extension}{at}{domain}" if at else value + extension
            results.append(value)
        self.trace.append(Asked("rcpt", maps, key, hit.rule, hit.value))
        return results

    def _unmatched(self, local: str, key: str) -> str:
        """The extension of the local part, with its delimiter, where the key that matched has none."""
        base = strip_extension(local, self.rules._delimiter)
        if base is None or key.startswith("@"):
            return ""
        matched = unquote_address(key).rpartition("@")
        user = matched[0] if matched[1] else matched[2]
        return local[len(base) :] if user.lower() == base.lower() else ""

    def _find(self, maps: str, address: str) -> tuple[Hit, str] | None:
        """The hit for an address in these maps and the key that found it.  Raises EnvelopeError."""
        rules = self.rules
        try:
            if maps in rules._broken:
                raise rules._broken[maps]
            tables = rules._tables[maps]
            if tables and address:
                for key, full in self.addresses.map_keys(address):
                    hit = find_key(tables, key, full)
                    if hit is not None:
                        return hit, key
        except TableError as error:
            rule = Rule("main.cf", 0, maps)
            self.trace.append(Asked("rcpt", maps, address, rule, f"error: {error}", True))
            raise EnvelopeError(f"{maps} map lookup problem for {address}", True) from error
        return None


def _sender(addresses: Addresses, sender: str) -> str:
    """The sender in standard form; mail from our own bounces has none."""
    clean = addresses.rewrite(sender) if sender else ""
    return "" if clean.lower() == addresses.rewrite("MAILER-DAEMON").lower() else clean


def _split_addresses(value: str) -> list[str]:
    """The addresses of a table value: separated by commas or blanks outside quotes."""
    results: list[str] = []
    current, in_quotes, escaped = "", False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            in_quotes = not in_quotes
        elif char in ", \t\r\n" and not in_quotes:
            if current:
                results.append(current)
            current = ""
            continue
        current += char
    return [*results, current] if current else results
