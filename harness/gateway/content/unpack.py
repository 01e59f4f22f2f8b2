"""unpack - a mail -> every object in it, container by container, within the budget; what could not be is a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.gateway.content.archive import Trouble, archives
from harness.gateway.content.budget import Budget, LimitPassed
from harness.gateway.content.entity import Entity, parse
from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part, shown
from harness.gateway.rule import default_rule


@dataclass(slots=True)
class Unpacked:
    """The objects of a mail in order, its MIME tree, and what is wrong with the wrapping."""

    root: Entity
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    entities: dict[int, Entity] = field(default_factory=dict)
    depth: int = 0


def unpack(data: bytes, budget: Budget) -> Unpacked:
    """Every object of a mail (LF line ends), containers included.  Never raises: see archive.Trouble and budget."""
    root = parse(data, budget.limits)
    found = Unpacked(root)
    try:
        for entity in root.walk():
            found.entities[entity.index] = entity
            for part in _top_parts(data, entity, found, budget):
                _descend(part, found, budget)
    except LimitPassed as passed:
        found.findings.append(_passed(passed, "mail", 0))
    return found


def _top_parts(data: bytes, entity: Entity, found: Unpacked, budget: Budget) -> Iterator[Part]:
    """The readings of a leaf, and the loose text around the parts of a multipart."""
    path = "mail" if not entity.number else f"part{entity.number:04d}"
    if entity.names:
        path += f":{shown(entity.names[0])}"
    for cls, name in entity.troubles:
        _note(found, Trouble("unscannable" if cls == "unscannable" else "suspicious", name), path, entity.index)
    for kind, start, end in entity.loose:
        budget.member()
        yield Part(f"mail:{kind}", data[start:end], type="text/plain", entity=entity.index)
    if entity.multipart:
        return
    readings, wrong = entity.readings(data)
    for name in wrong:
        _note(found, Trouble("suspicious", name), path, entity.index)
    for reading in readings:
        budget.member()
        budget.spend(len(reading))
        yield Part(path, reading, entity.names, entity.type, entity.index)


def _descend(top: Part, found: Unpacked, budget: Budget) -> None:
    """Add a part and everything inside it, depth first, in order; a stack, so that no nesting ends ours."""
    waiting = [top]
    while waiting:
        part = waiting.pop()
        found.parts.append(part)
        found.depth = max(found.depth, part.depth)
        inner: list[Part] = []
        for name in _ORDER:
            archive = archives[name]
            if not archive.recognises(part):
                continue
            try:
                budget.check_depth(part.depth + 1)
                for member in archive.members(part, budget):
                    if isinstance(member, Trouble):
                        _note(found, member, part.path, part.entity)
                        continue
                    label = member.label or shown(member.name) or name
                    if len(member.name) > budget.limits.max_name_length:
                        _note(found, Trouble("suspicious", "Name.TooLong", member.name), part.path, part.entity)
                    names = tuple(dict.fromkeys(filter(None, (member.name, *member.names))))
                    inner.append(
                        Part(f"{part.path}/{label}", member.data, names, member.type, part.entity, part.depth + 1)
                    )
            except LimitPassed as passed:
                found.findings.append(_passed(passed, part.path, part.entity))
                if passed.partial:
                    inner.append(Part(f"{part.path}/{name}", passed.partial, (), "", part.entity, part.depth + 1))
                if passed.whole_mail:
                    found.parts += inner
                    raise
            except Exception as error:
                # Hostile bytes in a library's hands: whatever it raises, the object was not examined.
                _note(
                    found,
                    Trouble("unscannable", f"Broken.{name.capitalize()}", detail=repr(error)),
                    part.path,
                    part.entity,
                )
        waiting += reversed(inner)


# Every canonical name once; the order decides nothing but the order of paths.
_ORDER = ("message", "zip", "gzip", "bzip2", "xz", "tar", "uuencode", "base64_text")


def _note(found: Unpacked, trouble: Trouble, path: str, entity: int) -> None:
    if trouble.member:
        path = f"{path}/{shown(trouble.member)}"
    rule = default_rule(f"{trouble.cls}: {trouble.name}")
    found.findings.append(Finding(trouble.cls, trouble.name, path, rule, entity, trouble.detail))


def _passed(passed: LimitPassed, path: str, entity: int) -> Finding:
    return Finding("unscannable", passed.limit, path, default_rule(f"unscannable: {passed.limit}"), entity)
