"""configuration: the administrator's own files, our parameters on top, nothing that looks fresh to Postfix."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.private_postfix import configuration


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/compiled").mkdir()
    return tmp_path / "root"


def written(root: Path, directory: Path, overrides: dict[str, str]) -> str:
    configuration.write(directory, overrides, root, root / "compiled")
    return (root / "etc/main.cf").read_text()


def test_parameters_on_top_come_after_the_file_as_it_is(tmp_path: Path, root: Path) -> None:
    source = tmp_path / "config"
    (source / "rav").mkdir(parents=True)
    (source / "rav/global").write_text("x")
    (source / "main.cf").write_text("# ours\nmynetworks = 10.0.0.0/8,\n  192.0.2.0/24")
    (source / "words.regexp").write_text("/x/ REJECT\n")
    text = written(root, source, {"header_checks": "regexp:/etc/postfix/words.regexp", "soft_bounce": "yes\n"})
    assert text.startswith("# ours\nmynetworks = 10.0.0.0/8,\n  192.0.2.0/24\nheader_checks = regexp:")
    assert "\nsoft_bounce = yes\n" in text
    assert f"\nqueue_directory = {root}/spool\n" in text
    assert (root / "etc/words.regexp").read_text() == "/x/ REJECT\n"
    assert not (root / "etc/rav").exists(), "the content engine's files are no business of Postfix's"
    assert all(path.stat().st_mtime < time.time() - 60 for path in (root / "etc").iterdir())


def test_a_directory_without_main_cf_is_refused_in_the_words_of_postfix(tmp_path: Path, root: Path) -> None:
    with pytest.raises(ConfigError, match=r"open /etc/postfix/main\.cf: No such file"):
        configuration.write(tmp_path, {}, root, root / "compiled")


@pytest.mark.witness
def test_postmap_makes_each_database_once(tmp_path: Path, root: Path) -> None:
    if shutil.which("postmap") is None and not Path("/usr/sbin/postmap").exists():
        pytest.skip("postmap is not installed (Debian: postfix)")
    source = tmp_path / "config"
    source.mkdir()
    (source / "main.cf").write_text(
        "smtpd_client_restrictions = check_client_access hash:/etc/postfix/bw, check_client_access btree:$config_directory/bw,\n"
        "  check_helo_access hash:/etc/postfix/none\nalias_maps =\n  hash:/etc/postfix/aliases\n"
    )
    (source / "aliases").write_text("root: joe\n")  # postmap would make the key `root:` of it
    (source / "bw").write_text("192.0.2.7 REJECT\n")
    written(root, source, {})
    made = root / "etc/bw.db"
    assert made.exists() and not (root / "etc/none.db").exists()
    assert made.stat().st_mtime > (root / "etc/bw").stat().st_mtime
    kept = sorted((root / "compiled").iterdir())
    assert len(kept) in (2, 3)  # hash and btree share a suffix: the one made last stays
    asked = subprocess.run(["postmap", "-q", "root", f"hash:{root}/etc/aliases"], capture_output=True, text=True)
    assert asked.stdout == "joe\n"
    before = [path.stat().st_mtime_ns for path in kept]
    written(root, source, {})
    assert [path.stat().st_mtime_ns for path in sorted((root / "compiled").iterdir())] == before
