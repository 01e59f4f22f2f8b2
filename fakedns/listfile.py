"""listfile - an rbldnsd(8) data file -> lists mounted in a zone; `combined` files have several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fakedns.dataset import Dataset, Lines, kinds, make_dataset
from fakedns.record import Record
from fakedns.wire import WireError, encode_name, normal_name
from fakedns.zone import Zone, ZoneError

COMBINED = "combined"


def load_list(zone: Zone, list_zone: str, kind: str, path: Path) -> list[str]:
    """Mount a data file at a zone, as `rbldnsd ZONE:KIND:FILE` does; gives the warnings about lines left out.

    Raises ZoneError for a kind that is not there, and for a file that cannot be read. (IO)
    """
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as file:
            return mount_list(zone, list_zone, kind, file, str(path))
    except OSError as error:
        raise ZoneError(error.strerror or str(error), file=str(path)) from None


def mount_list(zone: Zone, list_zone: str, kind: str, lines: Iterable[str], file: str = "<list>") -> list[str]:
    """As load_list, from lines of text.  Raises ZoneError."""
    warnings: list[str] = []
    if kind == COMBINED:
        _combined(zone, list_zone, _stripped(lines), file, warnings)
    else:
        _mount(zone, [list_zone], kind, Lines(_stripped(lines), file, warnings))
    return warnings


def _combined(zone: Zone, base: str, lines: Iterator[tuple[int, str]], file: str, warnings: list[str]) -> None:
    """A common section of special entries, then sections that begin with `$DATASET type[:name] subzone ...`."""
    common = Lines(iter(()), file, warnings)
    opened: tuple[list[str], str] | None = None  # (zones, kind)
    section: list[tuple[int, str]] = []
    for number, line in lines:
        if line.startswith("$DATASET"):
            _close(zone, base, opened, section, common)
            _, kind, *subzones = [*line.split(), ""]
            zones = [base if sub == "@" else f"{sub}.{base}" for sub in subzones if sub]
            if not zones:
                raise ZoneError("$DATASET expects a type and at least one subzone", file=file, line=number)
            opened, section = (zones, kind.partition(":")[0]), []
        else:
            section.append((number, line))
    _close(zone, base, opened, section, common)


def _close(
    zone: Zone, base: str, opened: tuple[list[str], str] | None, section: list[tuple[int, str]], common: Lines
) -> None:
    """Mount a section that has ended; the first, which has no type, is the common one."""
    if opened is None:
        common.text = iter(section)
        common.entries(_nothing_else)
        _apex(zone, base, common)
        return
    zones, kind = opened
    own = Lines(iter(section), common.file, common.warnings, dict(common.variables), ttl=common.ttl,
                most_addresses=common.most_addresses)  # fmt: skip
    _mount(zone, zones, kind, own)
    own.servers = own.servers or common.servers
    if own.soa is not None:  # it is the base zone's, wherever it stands
        _apex(zone, base, own)


def _nothing_else(line: str) -> None:
    raise WireError("an entry before the first $DATASET")


def _mount(zone: Zone, zones: list[str], kind: str, lines: Lines) -> None:
    if kind not in kinds():
        wanted = f"no data set of type {kind!r}: expects one of {', '.join([*kinds(), COMBINED])}"
        raise ZoneError(wanted, file=lines.file)
    dataset: Dataset = make_dataset(kind, lines)
    for one in zones:
        zone.mount(one, dataset.find, lines.ttl)
    if len(zones) == 1:
        _apex(zone, zones[0], lines)


def _apex(zone: Zone, apex: str, lines: Lines) -> None:
    """The SOA and NS records that the file gives its zone."""
    name = normal_name(apex)
    zone.declare(name)
    if lines.soa is not None:
        ttl, rdata = lines.soa
        zone.add_record(Record(name, "SOA", ttl, rdata))
    if lines.servers is not None:
        ttl, servers = lines.servers
        for server in servers:
            zone.add_record(Record(name, "NS", ttl, encode_name(server)))


def _stripped(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(number, line) of all that is neither blank nor comment."""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and text[0] not in "#;":
            yield number, text
