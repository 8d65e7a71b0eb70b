"""Progress: rate and time left on a terminal, nothing in a pipe or without rich."""

from __future__ import annotations

import gzip
import io
import re
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import pytest
from records import box, jsonl, record

from pytest_visionfmt import check_paths
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.commands.progress import progress

MARKUP = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    """Text that a terminal would show."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return what stands in for standard error from here on."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def all_of_it(unit: str, *, enabled: bool = True) -> None:
    with progress(8_000_000, unit, enabled=enabled) as bar:
        for _ in range(4):
            bar.advance(2_000_000)


@pytest.mark.parametrize(("unit", "rate"), [("bytes", r"[0-9.]+ [kMG]B/s"), ("files", r"[0-9.]+[kMG] files/s")])
def test_a_terminal_sees_share_rate_and_time_left(unit: str, rate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    all_of_it(unit)
    shown = MARKUP.sub("", stream.getvalue())
    assert re.search(rf"100% +{rate} +0:00:00", shown)


def test_the_terminal_is_left_to_what_is_printed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    with progress(3, "files") as bar:
        bar.advance(1)
        bar.clear()
        printed = len(stream.getvalue())
        bar.clear()
        assert len(stream.getvalue()) == printed
        bar.advance(1)
        assert "67%" in MARKUP.sub("", stream.getvalue()[printed:])


@pytest.mark.parametrize("reason", ["a pipe", "no rich", "not enabled"])
def test_nothing_is_shown_elsewhere(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    if reason == "a pipe":
        monkeypatch.setattr(stream, "isatty", lambda: False)
    elif reason == "no rich":
        monkeypatch.setitem(sys.modules, "rich.progress", None)
    all_of_it("bytes", enabled=reason != "not enabled")
    assert stream.getvalue() == ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = b"".join(jsonl(record([box()], f"{n}.jpg")) for n in range(200))
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "c.jsonl").write_text('{"unknown": 1}\n')
    (tmp_path / "d.jsonl").mkdir()
    (tmp_path / "e.jsonl").write_bytes(lines[:-100])
    return tmp_path


@pytest.mark.parametrize("threads", [0, 2])
def test_all_bytes_of_a_file_are_told_of_by_the_time_of_its_report(folder: Path, threads: int) -> None:
    done: list[int] = []
    executor: Executor | None = ThreadPoolExecutor(threads) if threads else None
    with (
        executor or nullcontext(),
        patch("pytest_visionfmt.checking_files.SHARD_BYTES", 10_000),
        patch("pytest_visionfmt.line_reading._AT_ONCE", 10_000),
    ):
        size = 0
        for report in check_paths([folder], executor=executor, progress=done.append):
            size += Path(report.file).stat().st_size
            assert sum(done) == size
    assert len(done) > 8
    assert min(done) >= 0


def test_checking_shows_progress_on_a_terminal_and_findings_as_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "f.jsonl").write_bytes(jsonl(record([box(bottomX=0)])))
    main(["check", str(folder)])
    silent = capsys.readouterr()
    stream = terminal(monkeypatch)
    main(["check", str(folder)])
    assert capsys.readouterr().out == silent.out
    assert silent.err == ""
    assert re.search(r"100% +[0-9.]+ [kMG]?B/s", MARKUP.sub("", stream.getvalue()))
