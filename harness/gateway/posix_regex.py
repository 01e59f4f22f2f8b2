"""posix_regex - regcomp(3) and regexec(3) of the C library; what may search without end, in a process of its own.

The automaton of glibc is linear in the key, but for patterns with back references: through these it tries every way
there is.  This file is that process's program, too, so it imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import os
import re
import resource
import select
import struct
import subprocess
import sys
import weakref
from functools import cache, lru_cache

EXTENDED, ICASE, NEWLINE = 1, 2, 4  # <regex.h> of glibc and musl
LIMIT_S = 1.0  # for one key, where the pattern refers back

_ROOM = 256  # bytes; regex_t has 64 in glibc, 56 in musl
_CTYPE_AND_COLLATE = 1 | 8  # <locale.h> of both: what a pattern is compiled by
_REFERS_BACK = re.compile(rb"(?:[^\\]|\A)(?:\\\\)*\\[1-9]")
_HEAD = struct.Struct("=III")
_NONE = 0xFFFFFFFF
_READY = b"."

Groups = tuple["bytes | None", ...]


class TooLong(Exception):
    """A search that would not end was ended."""


class _Span(ctypes.Structure):
    _fields_ = (("start", ctypes.c_int), ("end", ctypes.c_int))


@cache
def _libc() -> ctypes.PyDLL:
    """PyDLL keeps the interpreter's lock: for short subjects releasing it costs more than the match."""
    libc = ctypes.PyDLL(ctypes.util.find_library("c"))
    libc.regexec.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
    libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
    libc.newlocale.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    libc.uselocale.argtypes = (ctypes.c_void_p,)
    return libc


@cache
def _c_locale() -> int | None:
    found: int | None = _libc().newlocale(_CTYPE_AND_COLLATE, b"C", None)
    return found


class Regex:
    """One compiled expression; freed with the object."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        """Raises ValueError with the words of regerror(3)."""
        self._memory = ctypes.create_string_buffer(_ROOM)
        before = _libc().uselocale(_c_locale())
        status = _libc().regcomp(self._memory, pattern, flags)
        _libc().uselocale(before)
        if status:
            text = ctypes.create_string_buffer(200)
            _libc().regerror(status, self._memory, text, len(text))
            raise ValueError(text.value.decode("utf-8", "replace"))
        weakref.finalize(self, _libc().regfree, self._memory)
        self.groups = int.from_bytes(self._memory.raw[48:56], "little")  # re_nsub follows six words in glibc
        self._spans = (_Span * (self.groups + 1))()

    def find(self, key: bytes) -> Groups | None:
        """The captured groups if the expression is found in the key."""
        if _libc().regexec(self._memory, key, len(self._spans), self._spans, 0):
            return None
        return tuple(None if span.start < 0 else key[span.start : span.end] for span in self._spans[1:])


class Apart:
    """The same, asked in the other process; for patterns that refer back."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        """Raises ValueError with the words of regerror(3)."""
        self.groups = Regex(pattern, flags).groups
        self._pattern, self._flags = pattern, flags

    def find(self, key: bytes) -> Groups | None:
        """The captured groups if it is found.  Raises TooLong after LIMIT_S."""
        helper = _helper(os.getpid())
        if helper.poll() is not None:
            _end(helper)
            helper = _helper(os.getpid())
        assert helper.stdin is not None and helper.stdout is not None
        key = key.partition(b"\0")[0]
        try:
            helper.stdin.write(_HEAD.pack(self._flags, len(self._pattern), len(key)) + self._pattern + key)
            helper.stdin.flush()
            if select.select([helper.stdout], [], [], LIMIT_S)[0]:
                (count,) = struct.unpack("=I", helper.stdout.read(4))
                if count == _NONE:
                    return None
                spans = struct.unpack(f"={2 * count}i", helper.stdout.read(8 * count))
                return tuple(None if a < 0 else key[a:b] for a, b in zip(spans[::2], spans[1::2], strict=True))
        except (BrokenPipeError, struct.error):  # it ran out of its processor time
            pass
        _end(helper)
        raise TooLong(f"search given up after {LIMIT_S:g} s")


def compiled(pattern: bytes, flags: int) -> Regex | Apart:
    """The expression, with a limit to its searches where it needs one.  Raises ValueError."""
    return (Apart if _REFERS_BACK.search(pattern) else Regex)(pattern, flags)


@cache
def _helper(owner: int) -> subprocess.Popen[bytes]:
    """One for each process, ready to be asked; it ends when the pipe to it is closed."""
    started = subprocess.Popen([sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdout is not None
    started.stdout.read(len(_READY))
    return started


def _end(helper: subprocess.Popen[bytes]) -> None:
    _helper.cache_clear()
    helper.kill()
    helper.wait()
    for pipe in (helper.stdin, helper.stdout):
        with contextlib.suppress(BrokenPipeError):  # of what it was not told any more
            if pipe is not None:
                pipe.close()


def _serve() -> None:
    """Answer until nobody asks any more; whoever asks may die while a search goes on, so that has a limit, too."""
    source, to = sys.stdin.buffer, sys.stdout.buffer
    known = lru_cache(maxsize=256)(Regex)
    to.write(_READY)
    to.flush()
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        flags, length, rest = _HEAD.unpack(head)
        expression, key = known(source.read(length), flags), source.read(rest)
        used = resource.getrusage(resource.RUSAGE_SELF)
        end = int(used.ru_utime + used.ru_stime + LIMIT_S) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        if _libc().regexec(expression._memory, key, len(expression._spans), expression._spans, 0):
            to.write(struct.pack("=I", _NONE))
        else:
            spans = [place for span in expression._spans[1:] for place in (span.start, span.end)]
            to.write(struct.pack(f"=I{len(spans)}i", len(spans) // 2, *spans))
        to.flush()


if __name__ == "__main__":
    _serve()
