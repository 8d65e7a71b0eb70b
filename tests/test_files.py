"""Files to reports: the example files, the documents' own samples, and files that cannot be read."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest
from records import EXAMPLES, LABELS, PROFILES, SAMPLES, TRAINING, box, jsonl, record

from pytest_visionfmt import TABLE, Finding, Report, check_bytes, check_file
from pytest_visionfmt.format import Exchange, Files, Profile
from pytest_visionfmt.json_paths import render
from pytest_visionfmt.json_scan import scan
from pytest_visionfmt.reports.explain import all_rules

MC, OD = "azure-multiclass-record", "azure-od-record"
RULE_NAMES = {rule.name for rule in all_rules().values()}
VALID = sorted(EXAMPLES.glob("*/valid/*"))
INVALID = sorted(EXAMPLES.glob("*/invalid/*"))


def format_of(path: Path) -> str | None:
    """Return the format of an example file, by its folder; None where it is to be recognised."""
    folder = path.parent.parent.name
    return folder if folder in TABLE else None


def check_example(path: Path, profile: Profile = "documented") -> Report:
    """Check an example file, with the images of the folder of its name below ``images``, where there is one."""
    images = path.parent.parent / "images" / path.stem
    if not images.is_dir():
        return check_file(path, format_of(path), profile=profile)
    return check_file(path, format_of(path), profile=profile, images="full", image_root=images)


def name(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.name}"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("path", VALID, ids=name)
def test_a_valid_example_has_no_finding(path: Path, profile: Profile) -> None:
    assert check_example(path, profile).findings == ()


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_an_invalid_example_fires_the_rule_it_is_named_after(path: Path) -> None:
    rule_name = path.name.partition(".")[0]
    assert rule_name in RULE_NAMES
    assert rule_name in {finding.name for finding in check_example(path).findings}


def test_every_rule_has_an_example_file_that_fires_it() -> None:
    fired = {finding.name for path in INVALID for finding in check_example(path).findings}
    # A file cannot hold what JSON has not, nor a request beside its response, nor other files. An image of
    # more than 15 MB is none to keep here, and not every system keeps apart two names of files that differ
    # in their Unicode form.
    pairs = {rule.name for rule in all_rules().values() if isinstance(rule.look, Exchange | Files)}
    assert RULE_NAMES - fired == {"not-json", "image-ambiguous", "image-file-too-large"} | pairs


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_the_reader_is_never_stricter_than_the_page(path: Path) -> None:
    documented, reader = (check_example(path, profile) for profile in PROFILES)
    assert documented.errors >= reader.errors


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_the_column_is_where_the_value_key_or_object_begins(path: Path) -> None:
    report = check_example(path)
    whole_file = {"unreadable-file", "unknown-format", "wrong-encoding", "invalid-utf8", "no-record", "invalid-json",
                  "orphaned-image", "pretty-printed", "several-values", "nested-too-deep",
                  "missing-final-newline"}  # fmt: skip
    lines = path.read_bytes().decode("utf-8-sig", "replace").split("\n")
    for finding in report.findings:
        if finding.name not in whole_file:
            before = lines[: finding.line - 1]
            if report.format in TABLE and TABLE[report.format].unit == "json":
                offset = sum(len(line) + 1 for line in before) + finding.column - 1
                assert offset == place("\n".join(lines), finding)
            else:
                assert finding.column - 1 == place(lines[finding.line - 1], finding)


def place(text: str, finding: Finding) -> int:
    """Return the offset of a finding: of its value, its key, or the object that lacks the key.

    What stands in JSON inside a string is at the string.
    """
    found = scan(text)
    outer, inside, _ = finding.path.partition(" > ")
    path = next((path for path in found.values if render(path) == outer), None)
    if path is None:
        return next(offset for path, offset in found.values.items() if is_parent(render(path), outer))
    if finding.name in ("unknown-key", "misspelt-key", "duplicate-key") and not inside:
        return found.keys[path]
    return found.values[path]


def is_parent(path: str, child: str) -> bool:
    """Whether a path is the other without its last key."""
    return child.startswith(path) and re.fullmatch(r"\.[^.\[]+|\['[^']+'\]", child.removeprefix(path)) is not None


# The documents' samples, as they stand there. The page separates the records by lines of a single
# dot, which stand for "and so on"; mended, those lines are left out.


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
def test_the_samples_of_the_page_are_clean_once_mended(format_id: str, profile: Profile, tmp_path: Path) -> None:
    lines = (SAMPLES / f"{format_id}.jsonl").read_text().splitlines(keepends=True)
    mended = tmp_path / "mended.jsonl"
    mended.write_text("".join(line for line in lines if line != ".\n"))
    report = check_file(mended, profile=profile)
    assert (report.format, report.lines, report.findings) == (format_id, 3, ())


@pytest.mark.parametrize("format_id", TRAINING)
def test_the_dots_of_the_page_are_found_where_they_are(format_id: str) -> None:
    report = check_file(SAMPLES / f"{format_id}.jsonl")
    assert report.format == format_id
    assert [(f.code, f.line, f.column) for f in report.findings] == [("VF010", n, 1) for n in (3, 4, 5)]
    assert report.findings[0].message == "expected a value, found '.'"


def test_the_trailing_comma_of_the_page_is_found_where_it_is() -> None:
    report = check_file(SAMPLES / "azure-multiclass-record.template.json")
    assert report.format == "azure-multiclass-record"
    assert [(f.code, f.line, f.column) for f in report.findings] == [("VF007", 1, 1), ("VF010", 8, 21)]
    assert report.findings[1].excerpt.endswith('"class_name",')


@pytest.mark.parametrize("format_id", TRAINING[1:])
def test_the_templates_of_the_page_are_one_finding_as_they_are_printed(format_id: str) -> None:
    report = check_file(SAMPLES / f"{format_id}.template.json")
    assert [(f.code, f.line) for f in report.findings] == [("VF007", 1)]


GOOD = record([box()])


def check(content: bytes, **options: object) -> Report:
    return check_bytes(content, OD, **options)  # type: ignore[arg-type]


def places_of(report: Report) -> list[tuple[str, int, int, str]]:
    return [(f.code, f.line, f.column, f.path) for f in report.findings]


def test_columns_count_code_points_from_1_and_not_the_byte_order_mark() -> None:
    line = b'\xef\xbb\xbf{"\xf0\x9f\x98\x80": 1, "image_url": 2}\r\n'
    report = check_bytes(line, "azure-multiclass-record", profile="reader")
    assert places_of(report) == [("VF601", 1, 1, "$.label"), ("VF602", 1, 23, "$.image_url")]


def test_a_pretty_printed_file_is_one_finding_with_the_number_of_records() -> None:
    content = b'{\n "image_url": 1\n}\n{\n "image_url": 2\n}\n'
    report = check(content)
    assert places_of(report) == [("VF007", 1, 1, "$")]
    assert "lines 1 to 3, and 1 more are" in report.findings[0].message
    assert report.lines == 6


def test_a_truncated_line_does_not_swallow_the_lines_after_it() -> None:
    good = jsonl(GOOD)
    report = check(good + good[:-20] + b"\n" + jsonl(record([box()], "2.jpg")) + b".\n")
    assert [place[:2] for place in places_of(report)] == [("VF010", 2), ("VF010", 4)]


def test_a_missing_last_newline_is_a_warning_in_the_last_line() -> None:
    report = check(jsonl(GOOD) + jsonl(record([box()], "2.jpg"))[:-1])
    assert places_of(report) == [("VF006", 2, 1, "$")]
    assert (report.errors, report.warnings) == (0, 1)


def test_duplicates_name_the_first_line_and_stand_at_the_later_one() -> None:
    report = check_bytes(b"\n" + jsonl(record("a"), record("b", "2.jpg"), record("c")), "azure-multiclass-record")
    assert places_of(report) == [("VF301", 4, 15, "$.image_url")]
    assert report.findings[0].message == "the same image as in line 2"
    assert report.findings[0].excerpt


def test_a_record_with_an_error_in_its_json_takes_no_part_in_rules_over_the_file() -> None:
    broken = jsonl(record([]))[:-2] + b', "label": []}\n'
    report = check(broken)
    assert [place[0] for place in places_of(report)] == ["VF011"]


MIXED = [
    ("azure-multiclass-record", [True, 1], set()),
    ("azure-multiclass-record", [1, "a"], {("VF302", 2)}),
    ("azure-multilabel-record", [["a", 1], ["b"]], {("VF102", 1)}),
    ("azure-multilabel-record", [[1], [], ["b"]], {("VF302", 3)}),
    ("azure-od-record", [[box(True)], [box(1)]], {("VF602", 1), ("VF602", 2), ("VF302", 2)}),
    ("azure-od-record", [[box()], [box(), box(1)], [box("b")]], {("VF102", 2), ("VF602", 2)}),
]


@pytest.mark.parametrize(("format_id", "labels", "found"), MIXED, ids=[f"{row[0]}-{row[1]}"[:60] for row in MIXED])
def test_class_types_are_compared_over_the_file(
    format_id: str, labels: list[object], found: set[tuple[str, int]]
) -> None:
    content = jsonl(*(record(label, f"{n}.jpg") for n, label in enumerate(labels)))
    report = check_bytes(content, format_id, profile="reader")
    assert {(f.code, f.line) for f in report.findings} == found


FACTS = [
    (b"\xff\xfe{\0}\0\n\0", "VF003", "load-fails"),
    (b'{"image_url": "\xff"}\n', "VF004", "load-fails"),
    (b"\n", "VF005", "load-fails"),
    (b"{\n}\n", "VF007", "load-fails"),
    (b"{}{}\n", "VF008", "image-skipped"),
    (b".\n", "VF010", "load-fails"),
    (b'{"a": 1, "a": 2}\n', "VF011", "load-fails"),
    (b'{"a": NaN}\n', "VF012", "load-fails"),
    (b'{"a": 1e999}\n', "VF013", "load-fails"),
    (b'{"a": 9223372036854775808}\n', "VF014", "value-misread"),
    (b'{"a": "\\ud800"}\n', "VF015", "load-fails"),
    (b"[" * 200 + b"\n", "VF017", "load-fails"),
]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("content", "code", "reaction"), FACTS, ids=[row[1] for row in FACTS])
def test_the_reaction_to_what_is_no_json(content: bytes, code: str, reaction: str, profile: Profile) -> None:
    (finding,) = (f for f in check_bytes(content, MC, profile=profile).findings if f.code == code)
    assert (finding.severity, finding.reaction, finding.evidence) == ("error", reaction, "run")


def test_a_line_that_is_no_json_may_have_held_the_object() -> None:
    report = check(jsonl(record([])) + jsonl(record([box()], "2.jpg"))[:-2] + b",}\n")
    assert [f.code for f in report.findings] == ["VF010"]


def test_a_name_that_no_file_can_have_is_a_finding() -> None:
    assert [f.code for f in check_file("a\0b").findings] == ["VF001"]


def test_a_raw_control_character_is_minded_by_the_page_only() -> None:
    content = jsonl(record([box("a\tb")])).replace(b"\\t", b"\t")
    assert [(f.code, f.severity) for f in check_bytes(content, OD).findings] == [("VF016", "warning")]
    assert check_bytes(content, OD, profile="reader").findings == ()


def test_a_pretty_printed_last_record_may_lack_its_newline_too() -> None:
    report = check(b'{\n "image_url": 1\n}')
    assert places_of(report) == [("VF007", 1, 1, "$"), ("VF006", 3, 1, "$")]


def test_counts_are_exact_and_findings_are_capped_by_code_in_file_order() -> None:
    content = jsonl(*(record([box(isCrowd=2, bottomX=0)], f"{n}.jpg") for n in range(10)))
    report = check(content, max_findings=3)
    assert report.counts == {"VF104": 10, "VF603": 10}
    assert report.errors == 20
    assert [(f.code, f.line) for f in report.findings] == [(c, n) for n in (1, 2, 3) for c in ("VF104", "VF603")]
    assert check(content, max_findings=0).findings == ()


def test_a_gzip_file_is_read_through(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(jsonl(GOOD, record([box(bottomX=0)], "2.jpg"))))
    report = check_file(path)
    assert (report.format, report.lines) == (OD, 2)
    assert [f.code for f in report.findings] == ["VF104"]


def test_a_truncated_gzip_file_keeps_what_could_be_read(tmp_path: Path) -> None:
    records = [record([box(bottomX=0)], f"{os.urandom(300).hex()}.jpg") for _ in range(2000)]
    whole = gzip.compress(jsonl(*records))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    report = check_file(path)
    assert report.format == OD
    assert report.counts["VF001"] == 1
    assert report.counts["VF104"] > 100
    assert report.findings[-1].line == report.lines + 1


@pytest.mark.parametrize("format_", [None, OD])
def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path, format_: str | None) -> None:
    report = check_file(tmp_path / "none.jsonl", format_)
    assert [(f.code, f.message) for f in report.findings] == [("VF001", "cannot be read: No such file or directory")]


def test_a_folder_is_a_finding(tmp_path: Path) -> None:
    (finding,) = check_file(tmp_path, OD).findings
    assert (finding.code, finding.message) == ("VF001", "cannot be read: it is a folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_that_nobody_feeds_is_a_finding_and_no_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (finding,) = check_file(tmp_path / "pipe.jsonl").findings
    assert finding.message == "cannot be read: it is not a regular file"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_of_another_encoding_is_one_finding_and_still_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(GOOD, GOOD).decode().encode(encoding))
    report = check_file(path)
    assert [(f.code, f.line) for f in report.findings] == [("VF003", 1)]
    assert report.format


def test_hostile_bytes_never_raise() -> None:
    line = jsonl(GOOD)[:-1]
    for at in range(0, len(line), 7):
        for byte in (b"\xff", b"\x00", b"\xc3", b"\xed\xa0\x80", b"\n", b"\r", b'"', b"\\"):
            report = check(line[:at] + byte + line[at + 1 :] + b"\n")
            assert report.lines in (1, 2)


def test_a_deeply_nested_line_is_a_finding() -> None:
    report = check(b"[" * 100_000 + b"\n")
    assert [f.code for f in report.findings] == ["VF017"]


def test_max_findings_must_not_be_negative(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="max_findings=-1 is negative"):
        check_file(tmp_path / "a.jsonl", max_findings=-1)


def test_an_unknown_format_raises_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown format 'od'"):
        check_file(tmp_path / "a.jsonl", "od")


@pytest.mark.parametrize("format_id", TRAINING)
def test_the_report_says_what_was_read(format_id: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(record(LABELS[format_id]), record(LABELS[format_id], "2.jpg")))
    assert check_file(path, format_id) == Report(file=str(path), format=format_id, lines=2)
