"""A file's format is told from its keys, valid or not; what is ours is never passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from records import LABELS, TRAINING, box, jsonl, outline, record

from pytest_visionfmt import check_file
from pytest_visionfmt.checking_files import check_found

MC, ML, OD, IS = TRAINING


def recognised(tmp_path: Path, content: bytes, name: str = "a.jsonl") -> tuple[str, tuple[str, ...]]:
    path = tmp_path / name
    path.write_bytes(content)
    report = check_found(path)
    assert report.format == check_file(path).format
    return report.format or report.skipped, report.also_fits


@pytest.mark.parametrize("format_id", TRAINING)
def test_a_clean_file_is_recognised_as_its_own_format(tmp_path: Path, format_id: str) -> None:
    assert recognised(tmp_path, jsonl(record(LABELS[format_id]))) == (format_id, ())


CASES: list[tuple[str, bytes, str, tuple[str, ...]]] = [
    ("several errors in every detection record", jsonl(record([box(topX=9, topY=9), box(bottomX=0)])) * 3, OD, ()),
    ("flat polygons", jsonl(record([{"label": "a", "polygon": [0, 0, 1, 0, 1, 1]}])), IS, ()),
    ("boxes with misspelt keys but one", jsonl(record([{"label": "a", "topX": 0, "topy": 0, "right": 1}])), OD, ()),
    ("boxes with all keys misspelt", jsonl(record([{"label": "a", "xmin": 0, "ymin": 0, "xmax": 1}])), OD, ()),
    ("boxes with keys in lower case", jsonl(record([{"label": "a", "topx": 0, "bottomx": 1}])), OD, ()),
    ("objects of who knows what", jsonl(record([{"label": "a", "bbox": [0, 0, 1, 1]}])), OD, ()),
    ("one box without its list", jsonl(record(box())), OD, ()),
    ("outlines with the key misspelt", jsonl(record([{"label": "a", "polygons": []}])), IS, ()),
    ("boxes in python's repr", repr(record([box()])).encode(), OD, ()),
    ("outlines with a trailing comma", jsonl(record([outline()]))[:-2] + b",}\n", IS, ()),
    ("image_url misspelt", jsonl({"Image_Url": "a", "label": "b"}), MC, ()),
    ("imageUrl with a list of boxes", jsonl({"imageUrl": "a", "label": [box()]}), OD, ()),
    ("boxes without an image", jsonl({"label": [box()]}), OD, ()),
    ("a hundred blank lines first", b"\n" * 100 + jsonl(record([box()])), OD, ()),
    ("one background image among boxes", jsonl(record([]), record([box()], "2.jpg")), OD, ()),
    ("outlines with boxes", jsonl(record([outline(**box())])), IS, ()),
    ("broken outlines with broken boxes", jsonl(record([outline(**box(topX=9), polygon=[9])])), IS, ()),
    ("integer classes", jsonl(record(3)), MC, ()),
    ("no object anywhere", jsonl(record([])), ML, (OD, IS)),
    ("no label", jsonl({"image_url": "a"}), MC, (ML, OD, IS)),
    ("trailing commas in every line", b'{"image_url": "a", "label": "b",}\n' * 3, MC, (ML, OD, IS)),
    ("python's repr", b"{'image_url': 'a', 'label': 'b'}\n", MC, (ML, OD, IS)),
    ("pretty-printed", json.dumps(record([box()]), indent=2).encode(), OD, ()),
    ("pretty-printed over 100 lines", json.dumps(record([box()] * 40), indent=2).encode(), OD, ()),
    ("a few foreign lines", jsonl({"a": 1}, record([box()]), record([box()], "2")), OD, ()),
    ("a JSON list instead of lines", json.dumps([record([box()])]).encode(), MC, (ML, OD, IS)),
    ("a comment first", b"# notes\n" + jsonl(record([box()])), OD, ()),
]  # fmt: skip


@pytest.mark.parametrize(("content", "format_id", "also"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_keys_tell_the_format(tmp_path: Path, content: bytes, format_id: str, also: tuple[str, ...]) -> None:
    assert recognised(tmp_path, content) == (format_id, also)


SKIPPED: list[tuple[str, bytes, str]] = [
    ("a.jsonl", jsonl({"text": "a", "label": 1}), "show no key of a known format"),
    ("a.jsonl", jsonl({"a": 1}, {"a": 2}, record("a")), "show no key of a known format"),
    ("a.json", b'{"name": "a"}', "show no key of a known format"),
    ("a.json", b"", "holds no record"),
    ("a.json", b"\n \n", "holds no record"),
    ("a.json", b"not json at all\n", "show no key of a known format"),
    ("a.json", b'{"images": [], "annotations": []}', "COCO"),
    ("a.json", json.dumps({"images": [1] * 20, "annotations": []}, indent=1).encode(), "COCO"),
    ("a.jsonl", jsonl({"imageUrl": "a.jpg", "label": {"label": "a"}}), "imageUrl"),
    ("labeled_dataset.json", jsonl({**record(["a"]), "label_confidence": [0.9]}), "labeled_dataset.json"),
]


@pytest.mark.parametrize(("name", "content", "reason"), SKIPPED, ids=[f"{n}-{r}" for n, _, r in SKIPPED])
def test_a_foreign_file_is_skipped_when_found_and_an_error_when_named(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = check_found(path)
    assert reason in found.skipped
    assert not found.findings
    (finding,) = check_file(path).findings
    assert finding.code == "VF002"
    assert reason in finding.message


def test_only_the_first_hundred_lines_are_looked_at(tmp_path: Path) -> None:
    lines: list[Any] = [{"a": 1}] * 100
    assert "no key" in recognised(tmp_path, jsonl(*lines, *[record("a", f"{n}") for n in range(500)]))[0]


def test_a_named_format_is_not_questioned(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl({"a": 1}))
    report = check_file(path, OD)
    assert report.format == OD
    assert {finding.path for finding in report.findings} == {"$.image_url", "$.label", "$.a"}
