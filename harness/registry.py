"""registry - a folder whose modules register their own members.

A family (restrictions, tables, expectations, targets, ...) is a contract and a folder.  The registry knows
the folder and imports its modules the first time somebody asks for a name: no list to keep, no import order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, TypeVar

from harness.errors import UnknownMember, did_you_mean

Member = TypeVar("Member")
Entered = TypeVar("Entered")


class Registry(Generic[Member]):
    """The members of one family, by the names users write."""

    def __init__(self, kind: str, folder: str) -> None:
        """`kind` is the word in messages ("restriction"), `folder` the package of the members."""
        self.kind, self.folder = kind, folder
        self._members: dict[str, Member] = {}
        self._unread: list[str] | None = None  # modules of the folder not imported yet; None: nobody has asked

    def register(self, *names: str) -> Callable[[Entered], Entered]:
        """Enter the decorated member under each name; the first is canonical."""

        def enter(member: Entered) -> Entered:
            for name in names:
                if self._members.setdefault(name, member) is not member:  # type: ignore[arg-type]
                    raise ValueError(f"two members claim {self.kind} {name!r}")
            return member

        return enter

    def __getitem__(self, name: str) -> Member:
        """The member of this name.  Raises UnknownMember with the nearest right name."""
        self._read_folder()
        try:
            return self._members[name]
        except KeyError:
            raise UnknownMember(self.unknown(name)) from None

    def unknown(self, name: str) -> str:
        """What to say of a name that no member has."""
        return f"no {self.kind} {name!r}{did_you_mean(name, self)}"

    def get(self, name: str) -> Member | None:
        """The member of this name, or None."""
        self._read_folder()
        return self._members.get(name)

    def __contains__(self, name: object) -> bool:
        self._read_folder()
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        self._read_folder()
        return iter(sorted(self._members))

    def _read_folder(self) -> None:
        """Import what is not imported yet.  A module that fails does so at each question, never in silence."""
        if self._unread is None:
            self._unread = [module.name for module in iter_modules(import_module(self.folder).__path__)]
        while self._unread:
            name = self._unread.pop()  # first, since a member may ask for another while it is imported
            before = dict(self._members)
            try:
                import_module(f"{self.folder}.{name}")
            except BaseException:
                self._unread.append(name)
                self._members = before
                raise
