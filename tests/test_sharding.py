"""One file in shards says what it says in one pass, wherever it is cut and whoever reads it."""

from __future__ import annotations

import gzip
import io
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import EXAMPLES, LABELS, TRAINING, box, jsonl, record

from pytest_visionfmt import TABLE, Report, check_bytes, check_file, check_paths
from pytest_visionfmt.line_reading import MAX_LINE_BYTES, bounded_lines
from pytest_visionfmt.parts import Part
from pytest_visionfmt.sharding import read_in_shards, shard_lines

OD = "azure-od-record"


class Here(Executor):
    """An executor that does the work at once, in this thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@given(st.lists(st.sampled_from([b"", b"\r", b"a", b"abc\r", b"\xff" * 40]), max_size=9), st.booleans(), st.data())
def test_every_line_is_in_one_shard_and_whole(lines: list[bytes], ends: bool, data: st.DataObject) -> None:
    content = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=4)))
    found = [
        line
        for start, end in zip([0, *cuts], [*cuts, None], strict=True)
        for line in shard_lines(io.BytesIO(content), start, end)
    ]
    assert found == list(io.BytesIO(content))


PIECES = [
    b"\n",
    b"  \r\n",
    b".\n",
    b"\xff\n",
    b'{\n "image_url": 1\n}\n',
    b'{"image_url": 1\n',
    b"}\n",
    *(jsonl(record(label, name)) for name in ("1.jpg", "2.jpg") for label in ([], [box()], [box(bottomX=0)], [box(1)])),
    jsonl(record([box()], "crlf.jpg"))[:-1] + b"\r\n",
]


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=12),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    ends=st.booleans(),
    data=st.data(),
)
def test_shards_of_any_size_say_what_one_pass_says(
    pieces: list[bytes], mark: bytes, ends: bool, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = mark + b"".join(pieces)
    content = content if ends else content.rstrip(b"\n")
    path = tmp_path_factory.mktemp("shards") / "a.jsonl"
    path.write_bytes(content)
    cap = data.draw(st.integers(0, 3))
    size = data.draw(st.integers(1, len(content) + 1))
    assert in_shards(path, cap, size, Here()) == check_file(path, OD, max_findings=cap)


def in_shards(path: Path, max_findings: int, shard_bytes: int, executor: Executor) -> Report:
    read = partial(read_in_shards, shard_bytes=shard_bytes)

    with (
        patch("pytest_visionfmt.checking_files.read_in_shards", read),
        patch("pytest_visionfmt.checking_files.SHARD_BYTES", 0),
    ):
        return check_file(path, OD, max_findings=max_findings, executor=executor)


def many_lines() -> bytes:
    """Return lines with duplicates in other shards, and some of everything that is wrong."""
    names = [*range(300), 7, 8, 299, 0]
    lines = [jsonl(record([box()] if n % 5 else [box(bottomX=0)], f"{n}.jpg")) for n in names]
    return b"".join([*lines[:150], b"\n", b".\n", *lines[150:], b"{"])


def test_shards_read_by_spawned_processes_find_the_same_duplicates(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(many_lines())
    serial = check_file(path, OD)
    assert serial.counts["VF301"] == 4
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        part = read_in_shards(path, TABLE[OD], "documented", 1000, pool, shard_bytes=20_000)
    assert part is not None
    assert part.report(lambda: io.BytesIO(many_lines()), str(path), ()) == serial


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{\n"a": 1,\n"b": 2\n}\n', "a value is spread over shards"),
        (jsonl(record([])).decode().encode("utf-16"), "another encoding"),
        (b"", "empty"),
    ],
)
def test_what_shards_cannot_say_exactly_is_left_to_one_pass(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    assert read_in_shards(path, TABLE[OD], "documented", 9, Here(), shard_bytes=5) is None
    assert in_shards(path, 9, 5, Here()) == check_file(path, OD, max_findings=9)


def test_a_folder_is_checked_over_an_executor_in_the_same_order(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(many_lines())
    (tmp_path / "b.jsonl").write_text('{"unknown": 1}\n')
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(many_lines()))
    paths = [tmp_path, EXAMPLES / "azure-od-record", tmp_path / "none.jsonl"]
    serial = list(check_paths(paths))
    assert [report.file for report in serial[:3]] == [
        str(tmp_path / name) for name in ("a.jsonl", "b.jsonl", "c.jsonl.gz")
    ]
    assert serial[1].skipped
    assert serial[-1].counts == {"VF001": 1}
    with ThreadPoolExecutor(2) as pool, patch("pytest_visionfmt.checking_files.SHARD_BYTES", 1000):
        assert list(check_paths(paths, executor=pool)) == serial
    with ThreadPoolExecutor(2) as pool:
        one_format = list(check_paths([tmp_path], OD, profile="reader", max_findings=1, executor=pool))
    assert [report.format for report in one_format] == [OD] * 3


def test_wrong_arguments_are_errors_at_once() -> None:
    with pytest.raises(ValueError, match="unknown format 'od'"):
        check_paths([], "od")
    with pytest.raises(ValueError, match="unknown profile 'page'"):
        check_paths([], profile="page")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_findings=-1 is negative"):
        check_paths([], max_findings=-1)


def test_a_format_of_the_table_is_sent_by_its_id() -> None:
    for format_ in TABLE.values():
        assert pickle.loads(pickle.dumps(format_)) is format_


@pytest.mark.parametrize("format_id", TRAINING)
def test_the_part_of_a_shard_can_be_sent(format_id: str) -> None:
    part = Part.empty(TABLE[format_id], "documented", 9)
    part.read([jsonl(record(LABELS[format_id])), b".\n"])
    sent = pickle.loads(pickle.dumps(part))

    def again() -> io.BytesIO:
        return io.BytesIO(jsonl(record(LABELS[format_id])) + b".\n")

    assert sent.report(again, "a", ()) == part.report(again, "a", ())


def test_a_line_of_more_than_any_data_stops_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(jsonl(record([box(bottomX=0)])))
        file.truncate(MAX_LINE_BYTES + (1 << 20))  # zeros, which take no space on the disk
    report = check_file(path, OD)
    assert report.counts["VF001"] == 1
    assert "cannot be read from line 2 on: a line of over 16 MiB" in {finding.message for finding in report.findings}
    assert report.counts["VF104"] == 1


def test_long_lines_are_seen_before_they_are_read() -> None:
    short = io.BytesIO(b"a\n" * (MAX_LINE_BYTES // 2 + 9))
    assert bounded_lines(short) is short
    stream = io.BytesIO(b"a\n" + b"b" * (MAX_LINE_BYTES + 1) + b"\n")
    lines = bounded_lines(stream)
    assert next(lines) == b"a\n"
    with pytest.raises(OSError, match="a line of over 16 MiB"):
        next(lines)
    longest = b"b" * (MAX_LINE_BYTES - 1) + b"\n"
    assert list(bounded_lines(io.BytesIO(longest + b"c"))) == [longest, b"c"]


def test_a_check_in_memory_has_the_same_bounds() -> None:
    report = check_bytes(b"[" * (MAX_LINE_BYTES + 1), OD)
    assert report.counts["VF001"] == 1
