"""unpack - a mail -> every object in it, container by container, within the budget; what could not be is a finding.

Depth first, one branch at a time: an object is given to be scanned, then taken apart, then let go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from harness.gateway.content.archive import Member, Trouble, formats
from harness.gateway.content.budget import KIB, MIB, Budget, LimitPassed
from harness.gateway.content.entity import Entity
from harness.gateway.content.finding import Finding
from harness.gateway.content.leaf import leaves
from harness.gateway.content.magic import container_of
from harness.gateway.content.mime_views import Views, parse
from harness.gateway.content.part import Part, shown
from harness.gateway.rule import default_rule

_SINGLE = frozenset({"gzip", "gz", "bzip2", "bz2", "xz", "compressed", "szdd"})
_WRAPPED_TWICE = frozenset({"zip", "7z", "rar", "cab", "arj"})
# Of a text out of a container the beginning is kept for the filters, of other members nothing but the name.
_KEPT, _ALL_KEPT = 256 * KIB, 8 * MIB


@dataclass(slots=True)
class Unpacked:
    """The objects of a mail in order, its MIME tree, and what is wrong with the wrapping."""

    root: Entity
    parts: list[Part] = field(default_factory=list, repr=False)
    findings: list[Finding] = field(default_factory=list)
    entities: dict[int, Entity] = field(default_factory=dict)
    depth: int = 0
    views: Views | None = field(default=None, repr=False)
    kept: int = 0  # bytes of members in `parts`
    # At what depth something was taken apart, under its names and in its place.
    seen: dict[int, int] = field(default_factory=dict, repr=False)
    cut: bool = False  # something lay too deep to be opened

    def first_time(self, part: Part) -> bool:
        """Whether it was not taken apart before: programs behind programs are found again in each rest of a file.

        Deeper down does not count once the limit has kept something from us: here it may not.
        """
        mark = hash((part.data, part.names, part.type, part.entity))
        before = self.seen.get(mark)
        if before is not None and (before <= part.depth or not self.cut):
            return False
        self.seen[mark] = part.depth
        return True

    def note(self, trouble: Trouble, path: str, entity: int) -> None:
        """Add what a container told."""
        if trouble.member:
            path = f"{path}/{shown(trouble.member)}" if path else shown(trouble.member)
        rule = default_rule(f"{trouble.cls}: {trouble.name}")
        self.findings.append(Finding(trouble.cls, trouble.name, path or "mail", rule, entity, trouble.detail))

    def passed(self, limit: LimitPassed, path: str, entity: int) -> None:
        """Add the finding of a limit."""
        self.cut |= limit.limit == "Limits.Depth"
        self.findings.append(
            Finding("unscannable", limit.limit, path, default_rule(f"unscannable: {limit.limit}"), entity)
        )

    def broken(self, kind: str, error: Exception, path: str, entity: int) -> None:
        """Add the finding of an exception: hostile bytes in a library's hands were not examined."""
        self.note(Trouble("unscannable", f"Broken.{kind.capitalize()}", detail=repr(error)[:200]), path, entity)


def begin(data: bytes, budget: Budget) -> Unpacked:
    """The MIME structure of a mail (LF line ends), nothing taken apart yet.  Never raises."""
    try:
        views = parse(data, budget.limits)
    except Exception as error:  # ours or a library's fault: the mail was not examined, and that is a finding
        views = Views(Entity(0, 0, 0, len(data), []))
        found = Unpacked(views.root, views=views)
        found.broken("mail", error, "mail", 0)
    else:
        found = Unpacked(views.root, views=views)
    found.entities = {entity.index: entity for entity in views.root.walk()}
    return found


def unpack(data: bytes, budget: Budget) -> Unpacked:
    """Every object of a mail, containers included.  Never raises: see archive.Trouble and budget."""
    found = begin(data, budget)
    for _ in objects(data, found, budget):
        pass
    return found


def objects(data: bytes, found: Unpacked, budget: Budget) -> Iterator[Part]:
    """Each object once, whole; afterwards `found.parts` keeps what the mail itself holds, and names of members."""
    assert found.views is not None
    # First the mail as it came: a signature may span parts, or sit in a header.
    yield Part("mail", data, type="message/rfc822", raw=True)
    try:
        for entity, thing in leaves(data, found.views, budget):
            if isinstance(thing, Trouble):
                found.note(thing, "", entity)
                continue
            path = thing.label if thing.label.startswith("part") else f"mail:{thing.label}" if thing.label else "mail"
            names = (thing.name, *thing.names) if thing.name else ()
            yield from _descend(Part(path, thing.data, names, thing.type, entity), found, budget)
    except LimitPassed as passed:
        found.passed(passed, "mail", 0)
    except Exception as error:
        found.broken("mime", error, "mail", 0)


def _descend(top: Part, found: Unpacked, budget: Budget) -> Iterator[Part]:
    """A part and everything inside it, depth first, in order; a stack, so that no nesting ends ours."""
    stack: list[tuple[Iterator[Part], int]] = [(iter([top]), 0)]
    try:
        while stack:
            siblings, size = stack[-1]
            part = next(siblings, None)
            if part is None:
                stack.pop()
                budget.let_go(size)
                continue
            yield part
            budget.hold(len(part.data))
            found.depth = max(found.depth, part.depth)
            found.parts.append(_kept(part, found))
            inner = _inner(part, found, budget) if found.first_time(part) else iter(())
            stack.append((inner, len(part.data)))
    finally:
        for _, size in stack:
            budget.let_go(size)


def _kept(part: Part, found: Unpacked) -> Part:
    """What is left of an object once it was scanned."""
    if not part.depth:
        return part
    head = part.data[:_KEPT] if part.text and found.kept < _ALL_KEPT else b""
    found.kept += len(head)
    return replace(part, data=head)


def _inner(part: Part, found: Unpacked, budget: Budget) -> Iterator[Part]:
    """What every format that knows the part finds in it."""
    for name, archive in formats():
        try:
            if not archive.recognises(part):
                continue
            budget.check_depth(part.depth + 1)
            for member in archive.members(part, budget):
                if isinstance(member, Trouble):
                    found.note(member, part.path, part.entity)
                    continue
                if len(member.name) > budget.limits.max_name_length:
                    found.note(Trouble("suspicious", "Name.TooLong", member.name), part.path, part.entity)
                if name in _SINGLE and container_of(member.data) in _WRAPPED_TWICE:
                    # A compressed archive of a kind that is compressed already: made to get past somebody.
                    found.note(Trouble("suspicious", "Archive.InArchive", detail=name), part.path, part.entity)
                yield _part(part, member, name)
        except LimitPassed as passed:
            found.passed(passed, part.path, part.entity)
            if passed.partial:
                yield _part(part, Member("", passed.partial), name)
            if passed.whole_mail:
                raise
        except Exception as error:
            found.broken(name, error, part.path, part.entity)


def _part(part: Part, member: Member, kind: str) -> Part:
    label = member.label or shown(member.name) or kind
    names = tuple(dict.fromkeys(filter(None, (member.name, *member.names))))
    return Part(f"{part.path}/{label}", member.data, names, member.type, part.entity, part.depth + 1)
