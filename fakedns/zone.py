"""zone - the names that exist, their records, and what to say about the names that do not (RFC 1034 4.3.2, RFC 4592).

One `Zone` is a whole world: forward names, reverse names and blocklists together.  Which questions belong to
this world, and get a normal NXDOMAIN, is decided by its declared zones:

1. Every owner of an SOA record, and every `$ORIGIN` (or `declare`d name, such as a blocklist) is a declared zone.
2. A record whose name is in none of those declares the end of its name: the last label (`ok.test` declares
   `test`), for an IPv4 reverse name the network of its /24 (`8.2.0.192.in-addr.arpa` declares
   `2.0.192.in-addr.arpa`), for an IPv6 one the /64.

So a scenario that writes nothing but `ok.test. MX 10 mail.ok.test.` may ask for `nosuch.test` and gets NXDOMAIN,
while `example.com` is outside: that is a question nobody thought of.  Whoever wants the boundary closer writes an SOA.
A declared zone without an SOA record is given one, so that every negative answer has its authority section (RFC 2308).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fakedns.dataset import Item
from fakedns.record import DEFAULT_TTL, Record, make_record
from fakedns.wire import WireError, encode_name, normal_name

LONGEST_CHAIN = 16  # CNAMEs followed before a chain counts as a loop


class ZoneError(ValueError):
    """Zone text, or a record, that cannot stand: `file:line: what`."""

    def __init__(self, what: str, *, file: str | None = None, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.file, self.line = what, file, line

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return f"{place}: {self.what}" if place else self.what


@dataclass(frozen=True, slots=True)
class Found:
    """Records in zone order; the CNAMEs that led to them stand first in `aliases`."""

    records: tuple[Record, ...]
    aliases: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """NXDOMAIN (no such name), or NODATA (the name, or one below it, exists); with the SOA of the zone that says so."""

    nxdomain: bool
    soa: Record
    aliases: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """The name (asked for, or reached by a CNAME) is in no declared zone."""

    name: str


@dataclass(frozen=True, slots=True)
class Looped:
    """A CNAME chain that comes back to itself or is longer than LONGEST_CHAIN."""

    aliases: tuple[Record, ...]


Answer = Found | Missing | Outside | Looped
Finder = Callable[[str], Sequence[Item] | None]  # of a name relative to its zone


class Zone:
    """Names and their records.  `version` counts changes, so that answers made from it can be kept until the next."""

    def __init__(self) -> None:
        self.version = 0
        self._records: dict[str, dict[str, tuple[Record, ...]]] = {}
        self._declared: set[str] = set()
        self._mounted: dict[str, list[tuple[Finder, int]]] = {}
        self._built = -1
        self._apexes: frozenset[str] = frozenset()
        self._existing: frozenset[str] = frozenset()

    def add(self, name: str, rtype: str, data: str, ttl: int = DEFAULT_TTL) -> None:
        """Add one record from text: `add("ok.test", "MX", "10 mail.ok.test")`.  Raises ZoneError."""
        try:
            record = make_record(name, rtype, data, ttl)
        except WireError as error:
            raise ZoneError(str(error)) from None
        self.add_record(record)

    def add_record(self, record: Record) -> None:
        """Add one record; an equal one changes nothing.  Raises ZoneError when it cannot stand beside the others."""
        try:
            encode_name(record.name)
        except WireError as error:
            raise ZoneError(str(error)) from None
        here = self._records.setdefault(record.name, {})
        same = here.get(record.type, ())
        if any(record.rdata == other.rdata for other in same):
            return
        if same and record.type in ("CNAME", "SOA"):
            raise ZoneError(f"{record.name}: a second {record.type}, beside {same[0]}")
        if here and not same and (record.type == "CNAME" or "CNAME" in here):  # RFC 1034 3.6.2
            other = next(iter(here.values()))[0]
            raise ZoneError(f"{record.name}: {record.type} and {other.type} at one name; a CNAME stands alone")
        here[record.type] = (*same, record)
        self.version += 1

    def remove(self, name: str) -> None:
        """Forget every record of a name, if there is any."""
        if self._records.pop(normal_name(name), None) is not None:
            self.version += 1

    def declare(self, name: str) -> None:
        """Make every name at and below this one part of the world, whether it has records or not.  Raises ZoneError."""
        try:
            encode_name(name)
            apex = normal_name(name)
        except WireError as error:
            raise ZoneError(str(error)) from None
        if apex not in self._declared:
            self._declared.add(apex)
            self.version += 1

    def mount(self, apex: str, find: Finder, ttl: int) -> None:
        """Ask `find` for the names below a zone (which becomes a declared one), beside the records it has.

        TTL in s of its records; several finders at one zone add up.  Raises ZoneError.
        """
        self.declare(apex)
        self._mounted.setdefault(normal_name(apex), []).append((find, ttl))
        self.version += 1

    def merge(self, other: Zone) -> None:
        """Add everything another zone has and declares.  Raises ZoneError where the two contradict each other."""
        for record in other.records():
            self.add_record(record)
        self._declared |= other._declared
        for apex, finders in other._mounted.items():
            self._mounted.setdefault(apex, []).extend(finders)
        self.version += 1

    def records(self) -> list[Record]:
        """All records, names in the order in which they were first added."""
        return [record for here in self._records.values() for records in here.values() for record in records]

    @property
    def declared(self) -> frozenset[str]:
        """The declared zones, written and inferred."""
        self._build()
        return self._apexes

    def enclosing(self, name: str) -> str | None:
        """The nearest declared zone at or above a name; None outside."""
        self._build()
        while name not in self._apexes:
            if not name:
                return None
            name = parent(name)
        return name

    def authority(self, name: str) -> Record | None:
        """The SOA of the declared zone a name is in, made up where none is written; None outside."""
        apex = self.enclosing(name)
        return None if apex is None else self._soa(apex)

    def lookup(self, name: str, rtype: str) -> Answer:
        """The records of one type (or "ANY") at a name: exact, else by wildcard, CNAMEs followed.

        Never raises; a name that fits into no message is Outside.
        """
        try:
            asked = normal_name(name)
        except WireError:
            return Outside(name)
        aliases: list[Record] = []
        while (apex := self.enclosing(asked)) is not None:
            here = self._at(asked, apex)
            if here is None:
                return Missing(True, self._soa(apex), tuple(aliases))
            if rtype == "ANY":
                records = tuple(record for records in here.values() for record in records)
            else:
                records = here.get(rtype, ())
            if rtype in ("SOA", "ANY") and asked == apex and "SOA" not in here:
                records = (self._soa(apex), *records)
            if records:
                return Found(records, tuple(aliases))
            if "CNAME" not in here:
                return Missing(False, self._soa(apex), tuple(aliases))
            alias = here["CNAME"][0]
            if alias in aliases or len(aliases) == LONGEST_CHAIN:
                return Looped(tuple(aliases))
            aliases.append(alias)
            asked = alias.data
        return Outside(asked)

    def _at(self, name: str, apex: str) -> dict[str, tuple[Record, ...]] | None:
        """The records at a name, {} at an empty non-terminal, None where no such name exists."""
        here = self._records.get(name)
        if apex in self._mounted and (listed := self._listed(name, apex)):
            return {kind: (*(here or {}).get(kind, ()), *listed.get(kind, ())) for kind in {**(here or {}), **listed}}
        if here is not None or name in self._existing:
            return here or {}
        closest = parent(name)  # RFC 4592 3.3.1: the wildcard hangs from the closest name that exists
        while closest not in self._existing:
            closest = parent(closest)
        star = f"*.{closest}" if closest else "*"
        source = self._records.get(star)
        if source is not None:
            return {kind: tuple(r.renamed(name) for r in records) for kind, records in source.items()}
        return {} if star in self._existing else None

    def _listed(self, name: str, apex: str) -> dict[str, tuple[Record, ...]]:
        """What the mounted lists say of a name.  Records of one type have one TTL, the least (RFC 2181 5.2)."""
        relative = name.removesuffix(apex).removesuffix(".") if apex else name
        data: dict[str, dict[bytes, None]] = {}
        ttls: dict[str, int] = {}
        for find, default in self._mounted[apex]:
            for rtype, rdata, ttl in find(relative) or ():
                data.setdefault(rtype, {})[rdata] = None
                ttls[rtype] = min(ttls.get(rtype, 1 << 31), default if ttl is None else ttl)
        return {rtype: tuple(Record(name, rtype, ttls[rtype], one) for one in rdata) for rtype, rdata in data.items()}

    def _soa(self, apex: str) -> Record:
        written = self._records.get(apex, {}).get("SOA")
        if written:
            return written[0]
        return make_record(apex, "SOA", f"ns.fakedns.invalid hostmaster.fakedns.invalid 1 3600 600 86400 {DEFAULT_TTL}")

    def _build(self) -> None:
        """Work out the declared zones and the names that exist, once per version."""
        if self._built == self.version:
            return
        written = self._declared | {name for name, here in self._records.items() if "SOA" in here}
        apexes, existing = set(written), set(written)
        for name in self._records:
            above = name
            while above not in written and above:
                above = parent(above)
            if above not in written:
                apexes.add(above := _end(name))
            while name != above and name not in existing:
                existing.add(name)
                name = parent(name)
        self._apexes, self._existing = frozenset(apexes), frozenset(existing | apexes)
        self._built = self.version


def parent(name: str) -> str:
    """The name without its first label; the root has no other parent than itself."""
    if "\\" not in name:
        return name.partition(".")[2]
    at = 0
    while at < len(name) and name[at] != ".":
        at += 2 if name[at] == "\\" else 1
    return name[at + 1 :]


def _end(name: str) -> str:
    """The zone that a record's name declares when nothing else does: rule 2 above."""
    labels = name.removeprefix("*.").split(".")
    if len(labels) > 2 and labels[-1] == "arpa" and labels[-2] in ("in-addr", "ip6"):
        return ".".join(labels[-5:] if labels[-2] == "in-addr" else labels[-18:])
    while above := parent(name):
        name = above
    return "" if name == "*" else name  # a wildcard at the root is a world in which every name exists
