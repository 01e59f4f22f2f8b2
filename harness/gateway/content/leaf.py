"""leaf - what the entities of a mail hold: every decoded reading of every leaf, and the loose text around the parts."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble
from harness.gateway.content.budget import Budget
from harness.gateway.content.entity import Entity
from harness.gateway.content.mime_views import Views
from harness.gateway.content.part import shown


def leaves(data: bytes, views: Views, budget: Budget) -> Iterator[tuple[int, Member | Trouble]]:
    """(index of the entity it belongs to, what is there), the tree first, then what only other views show.

    Labels are `part0002:a.zip`, `preamble`, `epilogue`; a trouble of the mail itself has none.  Raises LimitPassed.
    """
    seen: set[int] = set()
    for entity in views.root.walk():
        yield from _troubles(entity, entity.index, False)
        yield from _held(data, entity, entity.index, budget, seen if views.others else None)
    for view in views.others:
        for entity in view.root.walk():
            yield from _troubles(entity, view.owner, True)
            yield from _held(view.data, entity, view.owner, budget, seen)


def label_of(entity: Entity) -> str:
    """How paths call an entity; "" for a multipart."""
    if not entity.number:
        return ""
    return f"part{entity.number:04d}" + (f":{shown(entity.names[0])}" if entity.names else "")


def _troubles(entity: Entity, owner: int, view: bool) -> Iterator[tuple[int, Trouble]]:
    for cls, name in entity.troubles:
        # That the mail is ambiguous is told once, where the tree says so; a limit counts wherever it is passed.
        if cls == "unscannable" or not view:
            yield owner, Trouble(cls, name, label_of(entity))
    if entity.type == "message/partial":
        yield owner, Trouble("unscannable", "Message.Partial", label_of(entity), "the rest of it is in other mails")
    elif entity.type == "message/external-body":
        yield owner, Trouble("unscannable", "Message.ExternalBody", label_of(entity), "the reader fetches its body")


def _held(
    data: bytes, entity: Entity, owner: int, budget: Budget, seen: set[int] | None
) -> Iterator[tuple[int, Member | Trouble]]:
    for kind, start, end in entity.loose:
        budget.member()
        yield owner, Member("", data[start:end], type="text/plain", label=kind)
    if entity.multipart:
        return
    label = label_of(entity)
    readings, wrong = entity.readings(data)
    for name in wrong:
        yield owner, Trouble("suspicious", name, label)
    for reading in readings:
        if seen is not None:
            mark = hash((reading, entity.type, entity.names))
            if mark in seen:
                continue
            seen.add(mark)
        budget.member()
        budget.spend(len(reading))
        name = entity.names[0] if entity.names else ""
        yield owner, Member(name, reading, entity.names[1:], type=entity.type, label=label)
