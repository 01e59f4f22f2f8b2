"""libarchive_reader - the one home of libarchive: members of the formats it reads, streamed under the budget.

Without the library (Debian: libarchive13) what it would have read is unscannable, and told; never clean.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from harness.gateway.content.archive import Member, Trouble
from harness.gateway.content.budget import KIB, Budget, LimitPassed
from harness.gateway.content.part import Part, leaves_directory

_BLOCK = 256 * KIB


def members_of(
    data: bytes, kind: str, budget: Budget, *, formats: str = "all", filters: str = "none", name: str = ""
) -> Iterator[Member | Trouble]:
    """The files of an archive; `kind` ends the names of troubles (Encrypted.Rar), `formats` and `filters` are
    libarchive's words.  A file without a name is called `name`.  Raises LimitPassed.
    """
    try:
        from libarchive.exception import ArchiveError
        from libarchive.read import memory_reader
    except Exception as error:  # no module, or no shared library behind it
        yield Trouble("unscannable", f"NoReader.{kind}", detail=f"libarchive is missing: {error}"[:200])
        return
    # It logs warnings of every broken archive; here they are findings.
    logging.getLogger("libarchive").disabled = True
    try:
        with memory_reader(data, format_name=formats, filter_name=filters) as archive:
            for entry in archive:
                budget.member()
                yield from _read(entry, kind, budget, len(data), name)
    except ArchiveError as error:
        yield _trouble(error, kind, "")


def _read(entry: Any, kind: str, budget: Budget, packed: int, fallback: str) -> Iterator[Member | Trouble]:
    path = fallback or _text(entry.pathname) or "file"
    if leaves_directory("", path):
        yield Trouble("suspicious", f"Path.{kind}", path, "leaves the directory")
    if entry.isdev or ((entry.issym or entry.islnk) and leaves_directory(path, _text(entry.linkpath))):
        yield Trouble("suspicious", f"Link.{kind}", path, "a device, or a link that leaves the directory")
    if (entry.isdir or entry.issym or entry.islnk) and not fallback:
        return  # but not what says that it is something else, or nothing: other readers take it for a file
    encrypted = _is_encrypted(entry)
    if encrypted:
        # It may only say so: some reader takes the bytes as they are, and so does this one.
        yield Trouble("unscannable", f"Encrypted.{kind}", path)
    from libarchive.exception import ArchiveError

    blocks = entry.get_blocks(_BLOCK)
    failed: list[Exception] = []

    def step(_: int) -> bytes:
        try:
            return next(blocks, b"")
        except ArchiveError as error:
            failed.append(error)
            return b""

    try:
        content = budget.drain(step, packed)
    except LimitPassed as passed:
        # The next file may be small: what hides behind a bomb is looked for all the same.
        yield Trouble("unscannable", passed.limit, path)
        content = passed.partial
    budget.spend(len(content))
    if content or (not failed and not encrypted and (entry.isreg or fallback)):
        yield Member(path, content)
    if failed and not encrypted:
        yield _trouble(failed[0], kind, path)


def _text(name: str | bytes | None) -> str:
    return name.decode("cp437") if isinstance(name, bytes) else name or ""


def _is_encrypted(entry: Any) -> bool:
    """libarchive gives the encrypted bytes of some members as they are."""
    from ctypes import c_int

    from libarchive import ffi

    asks: Any = ffi.ffi("entry_is_encrypted", [ffi.c_archive_entry_p], c_int)  # type: ignore[no-untyped-call]
    return bool(asks(entry._entry_p))


def _trouble(error: Exception, kind: str, member: str) -> Trouble:
    said = str(error)
    word = "Encrypted" if "crypt" in said.lower() or "passphrase" in said.lower() else "Broken"
    return Trouble("unscannable", f"{word}.{kind}", member, said[:200])


def stem_of(part: Part, *suffixes: str) -> str:
    """The name of the only file in a compressed one: without its suffix, or `content`."""
    for suffix in suffixes:
        if part.name.lower().endswith(suffix):
            return part.name[: -len(suffix)]
    return f"{part.name}.out" if part.name else "content"
