"""Files that nobody means well with: no traceback, no hang, and no more memory than there is reason for."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from records import LABELS, PROFILES, TRAINING, box, jsonl, record
from truth import truth

from pytest_visionfmt import TABLE, check_bytes, check_file, check_paths
from pytest_visionfmt.format import Profile

OD = "azure-od-record"
GOOD = jsonl(record([box()]))
MiB = 1 << 20


@pytest.fixture
def big(request: pytest.FixtureRequest) -> int:
    """Return by how much the large files of these tests are larger in the full size."""
    return 50 if request.config.getoption("--full") else 1


MEMORY = """
import resource, sys
from pytest_visionfmt import check_file
check_file(sys.argv[1] + ".none")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = check_file(sys.argv[1])
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // (1024 * 1024 if sys.platform == "darwin" else 1024), report.lines, *sorted(report.counts))
"""


def check_apart(path: Path) -> tuple[int, int, list[str]]:
    """Check a file in a process of its own; return the MiB it took, the lines, and the codes found."""
    run = subprocess.run([sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True)
    memory, lines, *codes = run.stdout.split()
    return int(memory), int(lines), codes


def test_a_single_line_of_any_length_is_a_finding(tmp_path: Path, big: int) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"image_url": "' + b"x" * (17 * MiB))
        for _ in range(4 * big):
            file.write(b"x" * MiB)
    memory, _, codes = check_apart(path)
    assert (memory < 150, codes) == (True, ["VF001", "VF005"])


def test_zeros_without_an_end_are_a_finding(tmp_path: Path, big: int) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(GOOD)
        file.truncate(20 * MiB * big)  # a hole, which takes no space on the disk
    memory, lines, codes = check_apart(path)
    assert (memory < 150, lines, codes) == (True, 1, ["VF001"])


def test_blank_lines_without_an_end_are_counted(tmp_path: Path, big: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD + b"\n" * (200_000 * big) + GOOD)
    memory, lines, codes = check_apart(path)
    assert (memory < 100 + 8 * big, lines, codes) == (True, 200_000 * big + 2, ["VF301"])


def test_a_line_of_very_many_bad_numbers_is_counted_and_shown_in_part(request: pytest.FixtureRequest) -> None:
    many = 180_000 if request.config.getoption("--full") else 10_000
    numbers = b", ".join([b"2"] * many)
    line = jsonl(record([{"label": "a", "polygon": [[0.5]]}])).replace(b"0.5", numbers)
    report = check_bytes(line, "azure-is-record", max_findings=3)
    assert report.counts == {"VF107": 1, "VF606": many}
    shown = [finding.path for finding in report.findings if finding.code == "VF606"]
    assert shown == [f"$.label[0].polygon[0][{i}]" for i in range(3)]


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("closed", [True, False])
def test_nesting_of_any_depth_is_a_finding(opening: bytes, closed: bool) -> None:
    ends = {b"[": b"]", b"{": b"}"}
    closing = b"".join(ends[bytes([byte])] for byte in reversed(opening) if bytes([byte]) in ends)
    line = opening * 100_000 + (b"1" + closing * 100_000 if closed else b"") + b"\n"
    for content in (line, GOOD + line, GOOD[:-2] + b', "x": ' + line):
        assert "VF017" in check_bytes(content, OD).counts


def test_a_folder_and_a_pipe_and_a_loop_of_links_are_findings_or_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "folder.jsonl" / "a.jsonl").write_bytes(GOOD)
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    (tmp_path / "folder.jsonl" / "up").symlink_to(tmp_path)
    reports = {Path(report.file).name: report for report in check_paths([tmp_path])}
    assert sorted(reports) == ["a.jsonl", "loop.jsonl", "pipe.jsonl"]
    assert reports["a.jsonl"].counts == {}
    assert reports["loop.jsonl"].counts == reports["pipe.jsonl"].counts == {"VF001": 1}


def test_a_file_that_may_not_be_read_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD)

    def refuse(*_: object) -> io.BytesIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the superuser may read what nobody may
    assert [finding.message for finding in check_file(path).findings] == ["cannot be read: Permission denied"]


class Changing(io.BytesIO):
    """A file that another program writes to, or cuts, while it is read the first time."""

    def __init__(self, path: Path, change: bytes | None) -> None:
        super().__init__(path.read_bytes())
        self._path = path
        self._change = change

    def close(self) -> None:
        content = self._path.read_bytes()
        self._path.write_bytes(content + self._change if self._change is not None else content[: len(content) // 2])
        super().close()


@pytest.mark.parametrize("change", [GOOD, b"\xff", b"", None])
def test_a_file_that_changes_between_two_readings_is_no_crash(tmp_path: Path, change: bytes | None) -> None:
    path = tmp_path / "a.jsonl"
    content = GOOD + jsonl(record([box(1)], "2.jpg"), record([box(bottomX=0)], "3.jpg")) + GOOD
    path.write_bytes(content)
    whole = check_bytes(content, OD)
    opened = iter([Changing(path, change)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "pytest_visionfmt.checking_files.open_file",
            lambda path: next(opened, None) or io.BytesIO(content[: len(content) // 2]),
        )
        report = check_file(path, OD)
    # What only a second reading can tell is not told of lines that have gone; the rest is as it was.
    assert {code: n for code, n in report.counts.items() if code != "VF301"} == {
        code: n for code, n in whole.counts.items() if code != "VF301"
    }


@pytest.mark.parametrize("format_id", TRAINING)
def test_a_byte_that_is_no_utf8_is_one_finding_wherever_it_is(format_id: str, request: pytest.FixtureRequest) -> None:
    line = jsonl(record(LABELS[format_id]))
    for at in range(0, len(line) - 1, 1 if request.config.getoption("--full") else 7):
        report = check_bytes(line[:at] + b"\xff" + line[at + 1 :], format_id)
        assert (report.counts["VF004"], report.findings[0].column) == (1, at + 1)


# Texts at the edges of RFC 8259: what a parser must take, must not take, and may do either with.
# The codes are those of the documented profile; Azure's parser decides where the RFC leaves it open.
EDGES: list[tuple[bytes, set[str]]] = [
    (b"{}", set()),
    (b" \t{ } \r\n", set()),
    (b'{"":""}', set()),
    (b'{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}', set()),
    (b'{"a":"\x7f\xc2\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf"}', set()),
    (b'{"a":"\\u0000"}', set()),
    (b'{"a":[-0,0.0,-0.0,0e0,1E+2,1e-2,123e65,0.1e1]}', set()),
    (b'{"a":1e-400}', set()),
    (b'{"a":[[],{},null,true,false]}', set()),
    (b"[" * 126 + b"{}" + b"]" * 126, set()),
    (b'{"a":1,"a":1}', {"VF011"}),
    (b'{"a":1,"\\u0061":1}', {"VF011"}),
    (b'{"a":1e400}', {"VF013"}),
    (b'{"a":-1e400}', {"VF013"}),
    (b'{"a":18446744073709551616}', {"VF014"}),
    (b'{"a":"\\ud800"}', {"VF015"}),
    (b'{"a":"\\udc00\\ud800"}', {"VF015"}),
    (b'{"a":"\x01"}', {"VF016"}),
    (b"[" * 128 + b"]" * 128, {"VF017"}),
    (b'{"a":"\xed\xa0\x80"}', {"VF004"}),
    (b'{"a":"\xc0\xaf"}', {"VF004"}),
    (b'{"a":"\xf4\x90\x80\x80"}', {"VF004"}),
    (b"\xff", {"VF004"}),
    (b'\xef\xbb\xbf{"a":1}', set()),
    (b'{"a":NaN}', {"VF012"}),
    (b'{"a":-Infinity}', {"VF012"}),
    *((text, {"VF010"}) for text in (
        b"{", b"}", b"[", b"[1", b"[1,", b"[1,]", b"[,1]", b"[1 2]", b"{1:2}", b"{a:1}", b"{'a':1}", b'{"a"}',
        b'{"a":}', b'{"a":1,}', b'{"a":1 "b":2}', b'{"a":"', b'{"a":"\\', b'{"a":"\\x"}', b'{"a":"\\u12"}',
        b'{"a":"\\u12g4"}', b"[01]", b"[-01]", b"[1.]", b"[.1]", b"[-]", b"[+1]", b"[1e]", b"[1e+]", b"[0x1]", b"[1_0]",
        b"[True]", b"[nul]", b"[tru", b"\xc2\xa0{}", b"\x0b{}", b"\0",
    )),
    (b"{}{}", {"VF008"}),
    (b"{}]", {"VF008"}),
    (b"{} 1", {"VF008"}),
    (b"{}//", {"VF008"}),
    (b"[1]\0", {"VF008"}),
]  # fmt: skip
ABOUT_JSON = {f"VF0{n:02}" for n in (3, 4, 8, 10, 11, 12, 13, 14, 15, 16, 17)}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("text", "codes"), EDGES, ids=[repr(text[:24]) for text, _ in EDGES])
def test_a_text_at_the_edge_of_the_rfc_is_taken_or_not(text: bytes, codes: set[str], profile: Profile) -> None:
    for content in (text, text + b"\n", text + b"\r\n"):
        report = check_bytes(content, OD, profile=profile)
        found = {code for code in report.counts if code in ABOUT_JSON}
        assert found & codes or not codes or codes == {"VF016"}
        assert (found == set()) == (not codes or (codes == {"VF016"} and profile == "reader"))
        assert report == truth(content, OD, profile=profile)


def test_documents_have_their_bound_as_well(tmp_path: Path) -> None:
    from pytest_visionfmt.recognition import DOCUMENT_BYTES

    document = next(format_ for format_ in TABLE.values() if format_.unit == "json")
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.truncate(DOCUMENT_BYTES + 1)
    report = check_file(path, document)
    assert [finding.message for finding in report.findings] == ["cannot be read: a document of over 64 MiB"]
