"""unix - the machine's own users and groups: unix:passwd.byname, unix:group.byname."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Callable
from dataclasses import dataclass

from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, TableError, tables


@dataclass(frozen=True)
class UnixTable:
    """One line of the passwd or group file per name."""

    name: str
    find: Callable[[str], str]
    rules: tuple[Rule, ...] = ()
    fixed: bool = True

    def lookup(self, key: str) -> Hit | None:
        """The line of this name, if there is one."""
        try:
            return Hit(line := self.find(key), Rule(self.name, 0, line))
        except (KeyError, ValueError):
            return None


def _passwd(name: str) -> str:
    user = pwd.getpwnam(name)
    return f"{user.pw_name}:{user.pw_passwd}:{user.pw_uid}:{user.pw_gid}:{user.pw_gecos}:{user.pw_dir}:{user.pw_shell}"


def _group(name: str) -> str:
    group = grp.getgrnam(name)
    return f"{group.gr_name}:{group.gr_passwd}:{group.gr_gid}:{','.join(group.gr_mem)}"


@tables.register("unix")
def open_unix(name: str, rest: str, context: TableContext) -> Table:
    """passwd.byname or group.byname.  Raises TableError for any other.  Source: dict_unix(3)."""
    known = {"passwd.byname": _passwd, "group.byname": _group}
    if rest not in known:
        raise TableError(f"unknown map {name}")
    return UnixTable(name, known[rest])
