"""supervisor - process 1 of a namespace: opens its sockets, runs Postfix's master, and takes all of it with it. (IO)

Run as a program (`python -I -S supervisor.py FD ROOT`), inside `unshare`; it imports nothing but the standard library.
Orders come over a SEQPACKET socket as JSON, file descriptors beside them; when the other end closes, for whatever
reason, this process ends, and with it the kernel ends every process of its PID namespace.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

MASTER = "/usr/lib/postfix/sbin/master"
_PRCTL_PDEATHSIG = 1
_MS_BIND = 4096
_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")
_LIBC = ctypes.CDLL(None, use_errno=True)


def main(control_fd: int, root: Path) -> None:
    """Obey until the other end is gone."""
    _LIBC.prctl(_PRCTL_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # should `unshare` be killed, too
    control = socket.socket(fileno=control_fd)
    try:
        _prepare(root)
        _answer(control, {"ready": True})
    except (OSError, ValueError) as error:
        _answer(control, {"error": str(error)})
        return
    while True:
        data, fds, _, _ = socket.recv_fds(control, 1 << 20, 4)
        if not data:
            _stop()
            _empty(root, whole=True)
            return
        order = json.loads(data)
        try:
            match order["do"]:
                case "start":
                    _answer(control, {}, _start(root, order["listen"], fds[0]))
                case "stop":
                    _stop()
                    _answer(control, {})
                case "why":
                    _answer(control, {"said": _why()})
                case "flush":
                    _answer(control, {"files": _flush(root)})
                case "queues":
                    _answer(control, {name: _files(root / "spool" / name) for name in order["names"]})
        except OSError as error:
            _answer(control, {"error": f"{error}"})
        finally:
            for fd in fds:
                os.close(fd)


def _prepare(root: Path) -> None:
    """Our own /etc/postfix, resolver configuration and loopback; nothing else of the machine changes."""
    os.umask(0o022)
    mounts = [("etc", "/etc/postfix"), ("plib", "/usr/lib/postfix")]
    mounts += [(f"system/{name}", f"/etc/{name}") for name in ("resolv.conf", "hosts", "nsswitch.conf")]
    for source, target in mounts:
        if not (root / source).exists() or not os.path.exists(target):  # noqa: PTH110  # a dangling link is not there
            continue
        if _LIBC.mount(str(root / source).encode(), target.encode(), None, _MS_BIND, None):
            raise OSError(ctypes.get_errno(), f"mount {target}: {os.strerror(ctypes.get_errno())}")
    # Every address is local, so that a next hop is reached whatever its address is, and nothing leaves.
    batch = "link set lo up\nroute add local 0.0.0.0/0 dev lo\n"
    if _run(["ip", "-batch", "-"], batch):
        raise OSError("ip (iproute2) cannot set up the loopback")
    _run(["ip", "-6", "-batch", "-"], "route add local ::/0 dev lo\n")  # where the kernel has IPv6
    # A new namespace lets 10 datagrams wait, and the daemons' warnings about main.cf are more: master would wait for
    # room and never start postlogd, or postlogd, which has such warnings, too, for itself before it begins to read.
    Path("/proc/sys/net/unix/max_dgram_qlen").write_text("1000", "ascii")


def _start(root: Path, listen: list[tuple[str, str, int]], log_fd: int) -> list[int]:
    """Fresh sockets and a fresh master; gives the sockets."""
    _stop()
    _empty(root)
    _spool(root)
    sockets = [_listen(*one) for one in listen]
    if not os.fork():
        _become([MASTER, "-c", "/etc/postfix", "-s"], log_fd)
    return [one.detach() for one in sockets]


def _become(command: list[str], output: int) -> NoReturn:
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.execv(command[0], command)
    finally:
        os._exit(127)


def _why() -> str:
    """What postfix(1) says of a configuration that master does not start with; it says it only to a terminal."""
    import select

    _stop()
    ours, theirs = os.openpty()
    if not os.fork():
        _become(["/usr/sbin/postfix", "-c", "/etc/postfix", "status"], theirs)
    os.close(theirs)
    said = b""
    while select.select([ours], [], [], 3)[0]:  # it waits for a second before it ends
        try:
            said += os.read(ours, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            break
    _stop()
    os.close(ours)
    return said.decode("utf-8", "replace")


def _listen(kind: str, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if kind == "tcp":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    else:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    made.bind((host, port))
    if kind == "tcp":
        made.listen(128)
    return made


def _stop() -> None:
    """Kill everything else in this PID namespace, and reap it."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _spool(root: Path) -> None:
    """The directories that `postfix check` would make in 2 s."""
    import grp
    import pwd

    postfix, postdrop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    spool = root / "spool"
    for directory, mode, owner, group in (
        (spool, 0o755, 0, 0),
        *((spool / name, 0o700, postfix, 0) for name in _QUEUES),
        (spool / "maildrop", 0o730, postfix, postdrop),
        (spool / "public", 0o755, postfix, postdrop),  # the harness hands connections over at public/smtpd
        (spool / "pid", 0o755, 0, 0),
        (root / "lib", 0o700, postfix, 0),
    ):
        directory.mkdir(mode=mode, exist_ok=True)
        os.chown(directory, owner, group)
        directory.chmod(mode)


def _empty(root: Path, *, whole: bool = False) -> None:
    """Remove what the last master left (in a user namespace only we may), or everything there is."""
    import shutil

    for name in ("spool", "lib"):
        for path in (root / name).iterdir() if (root / name).exists() else ():
            if path.name != "etc":  # of smtp(8), which runs in a chroot
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
    if whole:
        shutil.rmtree(root, ignore_errors=True)


def _flush(root: Path) -> list[str]:
    """Have the queue manager try all deferred mail, as mail_flush.c does; gives the ids.

    Not before every file is free: one that its delivery agent has not let go of yet is "skipped, still being
    delivered", and then stays in the active queue untried (qmgr_active.c).
    """
    import fcntl

    deferred = root / "spool/deferred"
    paths = [Path(where) / name for where, _, names in os.walk(deferred) for name in names]
    for path in paths:
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
    if paths:
        with socket.socket(socket.AF_UNIX) as manager:
            manager.connect(str(root / "spool/public/qmgr"))
            manager.send(b"FAD")  # forget dead destinations; all time stamps; scan the deferred queue
    return [path.name for path in paths]


def _files(directory: Path) -> list[str]:
    return [name for _, _, names in os.walk(directory) for name in names]


def _run(command: list[str], text: str) -> int:
    import subprocess

    done = subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode


def _answer(control: socket.socket, message: dict[str, object], fds: list[int] | None = None) -> None:
    socket.send_fds(control, [json.dumps(message).encode()], fds or [])
    for fd in fds or ():
        os.close(fd)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
