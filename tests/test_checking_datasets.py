"""Files of one dataset beside each other: what is in two of them, and what is in one alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from records import EXAMPLES, LABELS, TRAINING, box, jsonl, record

from pytest_visionfmt import Report, check_dataset, check_paths
from pytest_visionfmt.__main__ import main

OD = "azure-od-record"


def files(folder: Path, **contents: bytes) -> list[Path]:
    paths = [folder / f"{name}.jsonl" for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    return paths


def found(report: Report) -> list[tuple[str, str, int, str]]:
    return [(one.code, Path(one.file).name, one.line, one.path) for one in report.findings]


def test_images_and_classes_are_told_apart_by_file(tmp_path: Path) -> None:
    paths = files(
        tmp_path,
        train=jsonl(record([box("can"), box("tin")], "1.jpg"), record([box("can")], "2.jpg"), record([], "2.jpg")),
        val=b".\n" + jsonl(record([box("can"), box("bag"), box("bag")], "2.jpg"), record([box("bag")], "3.jpg")),
        test=jsonl(record([box("bag")], "3.jpg"), record([box("can")], "4.jpg")),
    )
    report = check_dataset(paths)
    assert found(report) == [
        ("VF306", "train.jsonl", 1, "$.label[1].label"),
        ("VF304", "val.jsonl", 2, "$.image_url"),
        ("VF305", "val.jsonl", 2, "$.label[1].label"),
        ("VF304", "test.jsonl", 1, "$.image_url"),
        ("VF305", "test.jsonl", 1, "$.label[0].label"),
    ]
    assert [one.message for one in report.findings[1:3]] == [
        f"the same image as in line 2 of {paths[0]}",
        'class "bag" is in no record of the first file',
    ]
    assert (report.errors, report.warnings, report.notes, report.format, report.file) == (0, 4, 1, OD, "")
    for one in report.findings:
        line = Path(one.file).read_text("utf-8").splitlines()[one.line - 1]
        assert line[one.column - 1 :].startswith('"')


def test_a_class_of_few_objects_is_noted_once(tmp_path: Path) -> None:
    many = [record([box("can")] * 10, f"{n}.jpg") for n in range(3)]
    paths = files(tmp_path, a=jsonl(*many, record([box("tin"), box("tin")], "x.jpg")), b=jsonl(
        record([box("tin"), box("can"), box("bag")] + [box("bag")] * 9, "y.jpg")))  # fmt: skip
    report = check_dataset(paths)
    assert [one.message for one in report.findings if one.code == "VF307"] == [
        'class "tin" has 3 in all files, and class "can" 31'
    ]
    assert report.counts == {"VF305": 1, "VF307": 1}


@pytest.mark.parametrize("format_id", TRAINING)
def test_every_training_format_has_the_rules(format_id: str, tmp_path: Path) -> None:
    line = jsonl(record(LABELS[format_id]))
    other = jsonl(record(LABELS[format_id], "2.jpg"))
    assert check_dataset(files(tmp_path, a=line, b=line), format_id).counts == {"VF304": 1}
    assert check_dataset(files(tmp_path, a=line, b=other)).counts == {}


def test_manifests_in_two_buckets_are_told_once(tmp_path: Path) -> None:
    def line(source: str) -> Any:
        return {"source-ref": source, "content-moderation-groundtruth": {"ModerationLabels": [{"Name": "Alcohol"}]}}

    paths = files(tmp_path, a=jsonl(line("s3://foo/1.jpg"), line("s3://foo/2.jpg")), b=jsonl(
        line("s3://foo/1.jpg"), line("s3://bar/2.jpg"), line("s3://bar/3.jpg")))  # fmt: skip
    assert found(check_dataset(paths)) == [
        ("VF304", "b.jsonl", 1, "$['source-ref']"),
        ("VF523", "b.jsonl", 2, "$['source-ref']"),
    ]


def test_what_is_no_dataset_has_nothing_to_be_said_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(record([box()])))
    (tmp_path / "b.jsonl").write_bytes(jsonl(record("can")))
    (tmp_path / "c.json").write_text("{}")
    assert check_dataset([tmp_path, tmp_path / "none.jsonl"]).counts == {}
    assert check_dataset([]).counts == {}
    assert check_dataset([EXAMPLES / "rekognition-evaluation" / "valid"]).counts == {}


def test_the_cap_holds_and_all_are_counted(tmp_path: Path) -> None:
    lines = jsonl(*(record([box()], f"{n}.jpg") for n in range(9)))
    report = check_dataset(files(tmp_path, a=lines, b=lines), max_findings=2)
    assert report.counts == {"VF304": 9}
    assert [one.line for one in report.findings] == [1, 2]


def test_wrong_arguments_are_errors() -> None:
    with pytest.raises(ValueError, match="unknown profile 'page'"):
        check_dataset([], profile="page")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_findings=-1 is negative"):
        check_dataset([], max_findings=-1)
    with pytest.raises(ValueError, match="unknown format 'od'"):
        check_dataset([], "od")


def test_the_command_line_has_one_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = jsonl(record([box()]))
    files(tmp_path, train=line, val=line)
    assert main(["check", "train.jsonl", "val.jsonl"]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings in 2 files, 2 lines\n"
    assert main(["check", "--dataset", "--strict", "train.jsonl", "val.jsonl"]) == 1
    out = capsys.readouterr().out
    assert "warning[VF304] shared-image: the same image as in line 1 of train.jsonl\n  --> val.jsonl:1:15" in out
    assert out.endswith("0 errors, 1 warning in 2 files, 2 lines\n")
    assert sum(report.warnings for report in check_paths([tmp_path])) == 0
