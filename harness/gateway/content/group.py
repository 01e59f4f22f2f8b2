"""group - what holds for some of the mail's recipients: chains, filters, lists, bulk section, who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.gateway.content.client_list import ListEntry
from harness.gateway.content.filter import Filter
from harness.gateway.content.rbl import RblSite
from harness.gateway.rule import Rule


@dataclass(frozen=True, slots=True)
class Chain:
    """Actions in order, and the line that says so."""

    actions: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Antispam:
    """A section of the file antispam: how sure the engine must be, and what it does then."""

    name: str
    level: str  # low medium high very_high
    actions: tuple[str, ...]
    rule: Rule  # the line that chose the section
    extra_header: str = ""
    extra_subject: str = ""
    embedded_msg: str = ""
    quarantine: str = "bulk"  # what `save` stores goes there
    forward_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The settings of one set of mail users; `global` is the group of everybody else."""

    name: str
    members: tuple[str, ...]
    chains: Mapping[str, Chain]  # by the name of the setting
    filters: Mapping[str, tuple[Filter, ...]]
    antispam: Antispam | None
    white: tuple[ListEntry, ...]
    black: tuple[ListEntry, ...]
    rbl_sites: tuple[RblSite, ...]
    rbl_reply: str
    warn: Mapping[str, Rule | None]  # party -> the line that says yes, None for no
    administrator: str
    language: str
    heuristics: bool
    banned: tuple[frozenset[str], Rule]
    stamp: bool

    def holds(self, address: str) -> bool:
        """Whether an address is a member: itself, @domain, or *."""
        domain = address.rpartition("@")[2].lower()
        return any(m == "*" or m.lower() == address.lower() or m.lower() == f"@{domain}" for m in self.members)
