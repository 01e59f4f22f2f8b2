"""main - `gauntlet import` and `gauntlet generate`: a corpus file, and beside it the DNS its sessions live in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from harness.corpus.dns_record import DnsRecord
from harness.corpus.importer import Wishes, import_all
from harness.corpus.mix import generated, read_mix
from harness.corpus.sample import LABELS, Broken, Sample
from harness.corpus.store import write
from harness.errors import NothingToDo, UsageError, did_you_mean
from harness.output import writable
from harness.output import write as write_whole

_SHOWN = 20  # of what could not be read


def import_mail(
    paths: Iterable[str], output: str, *, label: str, inside: Iterable[str], client: str, recipient: str, form: str
) -> int:
    """Turn mail from life into a corpus; 1 when some of it makes no session, 5 where there is none.

    Raises HarnessError.
    """
    if label not in LABELS:
        raise UsageError(f"--label: no label {label!r}{did_you_mean(label, LABELS)}")
    networks = tuple(inside)
    _check_networks(networks)
    writable(output, Path(output).with_suffix(".zone"))
    wishes = Wishes(label, networks, client, recipient)
    record = DnsRecord()
    count, broken = write(_noted(import_all([Path(path) for path in paths], wishes, form), record), Path(output))
    _write_zone(Path(output), record.lines())
    print(f"{count + len(broken)} mails = {count} sessions in {output} + {len(broken)} that make none")
    for one in broken[:_SHOWN]:
        print(f"  {one.id}: {one.why}")
    if len(broken) > _SHOWN:
        print(f"  ... and {len(broken) - _SHOWN} more")
    return 1 if broken else 0 if count else NothingToDo.exit_status


def generate(mix_file: str, output: str, *, sessions: int | None, seed: int | None) -> int:
    """Make a corpus of any number of sessions.  Raises HarnessError."""
    writable(output, Path(output).with_suffix(".zone"))
    mix = read_mix(Path(mix_file))
    if sessions is not None:
        mix = replace(mix, sessions=sessions)
    if seed is not None:
        mix = replace(mix, seed=seed)
    count, _ = write(generated(mix), Path(output))
    _write_zone(Path(output), mix.people.zone())
    print(f"{count} sessions in {output}")
    return 0


def _noted(samples: Iterable[Sample | Broken], record: DnsRecord) -> Iterator[Sample | Broken]:
    for sample in samples:
        if isinstance(sample, Sample):
            record.see(sample)
        yield sample


def _write_zone(output: Path, lines: Iterable[str]) -> None:
    write_whole(output.with_suffix(".zone"), (f"{line}\n" for line in lines))


def _check_networks(networks: Iterable[str]) -> None:
    import ipaddress

    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise UsageError(f"--inside: {error}") from None
