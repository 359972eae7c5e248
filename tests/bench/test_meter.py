"""The meter sees the whole process tree, and does not report figures of a command that failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import meter

HUNGRY = """
import subprocess, sys, time
held = bytearray(60_000_000)
if len(sys.argv) > 1:
    subprocess.run([sys.executable, sys.argv[1]], check=True)
time.sleep(0.4)
"""


@pytest.mark.skipif(not meter.PROC.joinpath("self/smaps_rollup").exists(), reason="no /proc here")
def test_memory_of_children_counts(tmp_path: Path) -> None:
    program = tmp_path / "hungry.py"
    program.write_text(HUNGRY)
    alone = meter.measure([sys.executable, str(program)])
    both = meter.measure([sys.executable, str(program), str(program)])
    assert alone.peak_rss is not None
    assert both.peak_rss is not None
    assert both.peak_pss is not None
    assert 60_000_000 < alone.peak_rss < 100_000_000
    assert both.peak_rss > 120_000_000
    assert both.peak_pss <= both.peak_rss
    assert alone.wall_s > 0.4


def test_a_command_that_fails_gives_no_figures() -> None:
    with pytest.raises(meter.CommandFailed, match="exited 3:\nno"):
        meter.measure([sys.executable, "-c", "import sys; print('no', file=sys.stderr); sys.exit(3)"])


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert meter.quantile(values, 0.95) == 96
    assert meter.quantile([5.0], 0.95) == 5
    assert meter.median([3.0, 1.0, 2.0]) == 2


def test_folder_sizes_count_files_and_not_links(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"12345")
    (tmp_path / "c").symlink_to(tmp_path / "a" / "b")
    assert meter.folder_bytes(tmp_path) == 5
