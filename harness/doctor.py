"""doctor - what is installed on this machine, and what each thing would be for. (IO)"""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

from harness.target import targets

_PROGRAMS = {
    "postconf": ("postfix", "the real Postfix that judges the reference gateway"),
    "smtp-source": ("postfix", "load for `gauntlet bench`"),
    "swaks": ("swaks", "mail by hand against `gauntlet serve`"),
    "dig": ("bind9-dnsutils", "questions by hand against `gauntlet serve`"),
    "pflogsumm": ("pflogsumm", "reads the gateway's log"),
    "dnsperf": ("dnsperf", "load on DNS for `gauntlet bench`"),
    "rbldnsd": ("rbldnsd", "the peer of fakedns in `gauntlet bench`"),
}
_PACKAGES = ("mailgauntlet", "pytest", "pytest-xdist", "aiosmtpd", "dnslib", "faker", "pydantic", "pcre2", "uvloop")


def doctor() -> int:
    """Print it; 0, since nothing here is an error."""
    print(f"python       {sys.version.split()[0]}")
    for package in _PACKAGES:
        try:
            print(f"{package:<12} {version(package)}")
        except PackageNotFoundError:
            print(f"{package:<12} missing")
    for program, (package, purpose) in _PROGRAMS.items():
        path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
        print(f"{program:<12} {path or f'missing (Debian: {package})'}: {purpose}")
    for name in targets:
        takes = targets[name].takes
        state = f"is at {name}:{takes}" if takes else targets[name]().missing() or "ready"
        print(f"target {name}: {state}")
    return 0
