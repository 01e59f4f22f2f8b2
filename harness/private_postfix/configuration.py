"""configuration - a World -> /etc/postfix of a private Postfix: the same files, our next hop, compiled tables. (IO)

Every file is back-dated: a program of Postfix's that meets a main.cf or a texthash file younger than two seconds waits
until it is older, which costs 1.3 to 2 s a process.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.errors import ConfigError

CONFIG = "/etc/postfix"
_COMPILED = {"hash": ".db", "btree": ".db", "lmdb": ".lmdb", "cdb": ".cdb", "dbm": ".pag", "sdbm": ".pag"}
_TABLE = re.compile(
    rf"\b({'|'.join(_COMPILED)}):(?:{CONFIG}|\$config_directory|\$\{{config_directory\}})/([^\s,{{}}$]+)"
)
_ALIASES = re.compile(r"^alias_(?:maps|database)[ \t]*=(.*(?:\n[ \t#].*)*)", re.MULTILINE)  # newaliases(1) makes these
_OURS = {"rav", "master.cf"}  # of a configuration directory: what is no parameter or table of Postfix's
_AGE_S = 3600
_LIBRARY = "/usr/lib/postfix"

# smtpd gets its connections handed over (postscreen's way); smtp and relay run in a chroot, where DNS knows one host.
_MASTER_CF = """\
smtpd     pass  n       -       n       -       -       smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       y       -       -       smtp
lmtp      unix  -       -       y       -       -       lmtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""


def write(config: Path, overrides: Mapping[str, str], root: Path, cache: Path) -> None:
    """Fill ROOT/etc from a configuration directory, with these parameters on top.  Raises ConfigError."""
    etc = root / "etc"
    try:
        text = (config / "main.cf").read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise ConfigError(f"open {CONFIG}/main.cf: {error.strerror}", file=str(config / "main.cf")) from None
    for path in config.iterdir():
        if path.name not in _OURS:
            if path.is_dir():
                shutil.copytree(path, etc / path.name, copy_function=shutil.copyfile)
            else:
                shutil.copyfile(path, etc / path.name)
    lines = [f"{name} = {' '.join(value.split(chr(10))).strip()}" for name, value in (*overrides.items(), *_own(root))]
    whole = text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    (etc / "main.cf").write_text(whole, "utf-8", "surrogateescape")
    (etc / "master.cf").write_text(_MASTER_CF, "ascii")
    _back_date(etc, _AGE_S)
    _compile(etc, set(_tables(whole)), cache, whole)


def own_parameters() -> frozenset[str]:
    """The parameters that are ours whatever the configuration says."""
    return frozenset(name for name, _ in _own(Path()))


def _own(root: Path) -> Iterator[tuple[str, str]]:
    yield "queue_directory", f"{root}/spool"
    yield "data_directory", f"{root}/lib"
    yield "maillog_file", "/dev/stdout"  # where the harness listens
    yield "maillog_file_prefixes", "/dev/stdout"
    yield "meta_directory", CONFIG
    yield "daemon_directory", f"{_LIBRARY}/sbin"
    yield "shlib_directory", _LIBRARY


def _tables(text: str) -> Iterator[tuple[str, str]]:
    """(type, file below /etc/postfix) of each table that needs postmap(1)."""
    for found in _TABLE.finditer(text):
        yield found[1], found[2]


def _compile(etc: Path, tables: set[tuple[str, str]], cache: Path, main_cf: str) -> None:
    """Have the real postmap(1) and postalias(1) make the databases, side by side; what it made before is used again.

    A source that is not there, or that postmap refuses, leaves no database, as on an administrator's machine.
    """
    running = []
    aliases = " ".join(_ALIASES.findall(main_cf)).replace(",", " ").split()
    for kind, name in sorted(tables):
        source, suffix = etc / name, _COMPILED[kind]
        if not source.is_file():
            continue
        folding = "".join(re.findall(r"^smtputf8_enable\s*=.*$", main_cf, re.M))  # says how keys are folded
        tool = "postalias" if f"{kind}:{CONFIG}/{name}" in aliases else "postmap"
        digest = hashlib.sha256(
            b"\0".join((tool.encode(), kind.encode(), folding.encode(), source.read_bytes()))
        ).hexdigest()
        kept = cache / f"{digest}{suffix}"
        if kept.exists():
            shutil.copyfile(kept, etc / f"{name}{suffix}")
        else:
            command = [tool, "-c", str(etc), f"{kind}:{source}"]
            running.append((subprocess.Popen(command, stderr=subprocess.DEVNULL), etc / f"{name}{suffix}", kept))
    for process, made, kept in running:
        process.wait()
        if made.exists():
            shutil.copyfile(made, kept)
    for kind, name in tables:  # a database younger than its source, or Postfix warns
        made = etc / f"{name}{_COMPILED[kind]}"
        if made.exists():
            os.utime(made, (time.time() - _AGE_S / 2,) * 2)


def _back_date(directory: Path, seconds: float) -> None:
    then = time.time() - seconds
    for path in directory.rglob("*"):
        os.utime(path, (then, then))
