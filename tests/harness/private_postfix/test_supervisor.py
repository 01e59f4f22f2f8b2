"""supervisor: what it opens and what it leaves behind; its life inside namespaces is in test_laboratory."""

from __future__ import annotations

import fcntl
import socket
import threading
from pathlib import Path

from harness.private_postfix import supervisor


def test_sockets_of_both_kinds_are_open_where_they_were_asked_for() -> None:
    with supervisor._listen("tcp", "127.0.0.1", 0) as tcp, supervisor._listen("udp", "127.0.0.1", 0) as udp:
        assert tcp.getsockname()[0] == udp.getsockname()[0] == "127.0.0.1"
        assert tcp.getsockname()[1] and udp.getsockname()[1]


def test_what_a_master_left_goes_and_the_chroot_of_smtp_stays(tmp_path: Path) -> None:
    for name in ("spool/etc", "spool/deferred/A", "lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "spool/etc/resolv.conf").write_text("x")
    (tmp_path / "spool/deferred/A/ABCDEF").write_text("x")
    (tmp_path / "lib/master.lock").write_text("x")
    assert supervisor._files(tmp_path / "spool/deferred") == ["ABCDEF"]
    supervisor._empty(tmp_path)
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["etc"]
    assert not list((tmp_path / "lib").iterdir())
    supervisor._empty(tmp_path, whole=True)
    assert not tmp_path.exists()


def test_a_directory_that_is_not_there_holds_no_files(tmp_path: Path) -> None:
    assert supervisor._files(tmp_path / "hold") == []


def test_deferred_mail_is_flushed_when_nobody_holds_it_any_more(tmp_path: Path) -> None:
    (tmp_path / "spool/deferred/A").mkdir(parents=True)
    (tmp_path / "spool/public").mkdir()
    assert supervisor._flush(tmp_path) == [], "nothing is deferred, and nobody is asked"
    mail = tmp_path / "spool/deferred/A/ABCDEF"
    mail.write_text("x")
    with socket.socket(socket.AF_UNIX) as manager, mail.open("rb") as agent:
        manager.bind(str(tmp_path / "spool/public/qmgr"))
        manager.listen()
        fcntl.flock(agent, fcntl.LOCK_EX)
        said: list[list[str]] = []
        flushing = threading.Thread(target=lambda: said.append(supervisor._flush(tmp_path)))
        flushing.start()
        flushing.join(0.02)
        assert flushing.is_alive(), "a delivery agent has it still"
        fcntl.flock(agent, fcntl.LOCK_UN)
        connection, _ = manager.accept()
        with connection:
            assert connection.recv(10) == b"FAD"
        flushing.join(5)
    assert said == [["ABCDEF"]]
