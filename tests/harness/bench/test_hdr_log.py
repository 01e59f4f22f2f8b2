"""hdr_log: the log's lines, read by us, by PyPI's hdrhistogram, and by the Java original where it lies about."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.bench.hdr_log import Interval, hdr_log, read_hdr_log
from harness.bench.histogram import Histogram

INTERVALS = [
    Interval("reference.eom", 0.5, 2.0, Histogram().record(n / 1000 for n in range(1, 1001))),
    Interval("reference.session", 0.5, 2.0, Histogram().record([0.25] * 7)),
]


def test_what_is_written_is_read() -> None:
    text = hdr_log(1_700_000_000.0, INTERVALS)
    assert "#[Histogram log format version 1.3]" in text and "Tue Nov 14 22:13:20 UTC 2023" in text
    read = list(read_hdr_log(text))
    assert [(one.tag, one.at_s, one.seconds, one.histogram.total) for one in read] == [
        ("reference.eom", 0.5, 2.0, 1000),
        ("reference.session", 0.5, 2.0, 7),
    ]


@pytest.mark.parametrize("line", ["Tag=a,1,2", "1,2,3,HISTF", "Tag=a,x,2,3,AAAA"])
def test_a_wrong_line_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2: "):
        list(read_hdr_log(f"#[x]\n{line}\n"))


def test_hdrhistogram_reads_the_log(tmp_path: Path) -> None:
    log, histogram = pytest.importorskip("hdrh.log"), pytest.importorskip("hdrh.histogram")
    (tmp_path / "x.hlog").write_text(hdr_log(1_700_000_000.0, INTERVALS))
    reader = log.HistogramLogReader(str(tmp_path / "x.hlog"), histogram.HdrHistogram(1, 3_600_000_000_000, 3))
    read = [reader.get_next_interval_histogram() for _ in range(2)]
    reader.close()
    assert [(one.get_tag(), one.get_total_count()) for one in read] == [
        ("reference.eom", 1000),
        ("reference.session", 7),
    ]
    assert abs(read[0].get_value_at_percentile(99) / 1e9 - 0.99) < 0.001


def test_the_java_original_reads_the_log(tmp_path: Path) -> None:
    jars = [
        jar
        for top in (Path.home() / ".m2/repository", Path("/usr/share/java"))
        for jar in top.rglob("HdrHistogram*.jar")
        if "sources" not in jar.name
    ]
    if not shutil.which("java") or not jars:
        pytest.skip("no java, or no HdrHistogram.jar (Debian: libhdrhistogram-java)")
    (tmp_path / "x.hlog").write_text(hdr_log(1_700_000_000.0, INTERVALS))
    command = ["java", "-cp", os.fspath(jars[0]), "org.HdrHistogram.HistogramLogProcessor", "-i", "x.hlog", "-tag"]
    done = subprocess.run([*command, "reference.eom"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "#[Max     =     1000" in done.stdout and "Total count    =         1000]" in done.stdout, (
        done.stdout + done.stderr
    )
