"""A user's own format, with one rule of its own, goes everywhere that ours go."""

from __future__ import annotations

import json
import shutil
import sysconfig
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_visionfmt import (
    JSON_RULES,
    SCHEMA_RULES,
    Evidence,
    Format,
    Hit,
    Judgement,
    Reaction,
    Record,
    Rule,
    Severity,
    Verdict,
    check_bytes,
    check_file,
    check_record,
    record,
)

SCHEMA = {
    "type": "object",
    "required": ["file", "points"],
    "properties": {
        "file": {"type": "string", "pattern": "^[a-z]+[.]png$"},
        "points": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["x"],
                "properties": {
                    "x": {"type": "number", "minimum": -5, "maximum": 5},
                    "n": {"type": ["integer", "null"], "minimum": 2},
                    "tags": {"type": "array", "items": {"enum": ["a", "b", None]}},
                    "flag": {"type": "boolean"},
                    "anything": {},
                },
            },
        },
    },
}


def _descending(value: Any) -> Iterator[Hit]:
    points = value.get("points") if isinstance(value, dict) else None
    xs = [p.get("x") for p in points if isinstance(p, dict)] if isinstance(points, list) else []
    for i, (a, b) in enumerate(pairwise(xs)):
        if isinstance(a, int | float) and isinstance(b, int | float) and b < a:
            yield Hit(("points", i + 1, "x"), f"{b} is less than the {a} before it")


ERROR = Judgement(Severity.ERROR, Reaction.VALUE_MISREAD, Evidence.DOCUMENTED)
ORDERED = Rule("ME001", "ordered", "Points ascend.", "our wiki", Verdict(ERROR, None), Record(_descending))
KEYPOINTS = Format(
    id="keypoints", title="Keypoints", source="our wiki", unit="jsonl", schemas={"documented": SCHEMA},
    rules=(*JSON_RULES, *SCHEMA_RULES, ORDERED),
)  # fmt: skip
DOCUMENT = Format(
    id="keypoints-document", title="Keypoints", source="our wiki", unit="json", schemas={"documented": SCHEMA},
    rules=(*JSON_RULES, *SCHEMA_RULES, ORDERED),
)  # fmt: skip


@st.composite
def ascending(draw: st.DrawFn, format_: Format, profile: str) -> Any:
    xs = sorted(draw(st.lists(st.integers(-5, 5), min_size=1, max_size=4)))
    return {"file": "a.png", "points": [{"x": x} for x in xs]}


DRAWN = Format(
    id="keypoints-drawn", title="Keypoints", source="our wiki", unit="jsonl", schemas={"documented": SCHEMA},
    rules=KEYPOINTS.rules, draw=ascending,
)  # fmt: skip


@given(record(KEYPOINTS))
def test_it_is_drawn_by_its_schema_alone(value: Any) -> None:
    assert {f.code for f in check_record(value, KEYPOINTS)} <= {"ME001"}
    assert check_record(value, KEYPOINTS, profile="reader") == ()


@given(record(DRAWN))
def test_it_is_drawn_by_its_own_draw(value: Any) -> None:
    assert check_record(value, DRAWN) == ()


def test_its_rule_is_checked_and_judged() -> None:
    (finding,) = check_record({"file": "a.png", "points": [{"x": 2}, {"x": 1}]}, KEYPOINTS)
    assert (finding.code, finding.path, finding.severity) == ("ME001", "$.points[1].x", Severity.ERROR)


def test_a_rule_that_it_does_not_name_never_reports() -> None:
    quiet = Format("quiet", "Quiet", "here", "jsonl", {"documented": SCHEMA}, rules=(ORDERED,))
    assert check_record({"points": "x", "other": 1}, quiet) == ()
    assert check_bytes(b"no json", quiet).findings == ()


def test_one_schema_serves_both_profiles() -> None:
    assert KEYPOINTS.schema("reader") == KEYPOINTS.schema("documented") == SCHEMA


def test_a_format_without_a_schema_is_an_error() -> None:
    with pytest.raises(ValueError, match="schemas needs the key 'documented'"):
        Format("bad", "Bad", "here", "jsonl", {}, rules=())


def test_two_rules_with_one_code_are_an_error() -> None:
    with pytest.raises(ValueError, match="two rules have the code 'ME001'"):
        Format("bad", "Bad", "here", "jsonl", {"documented": SCHEMA}, rules=(ORDERED, ORDERED))


def test_a_document_is_checked_whole_with_lines_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"file": "a.png", "points": [{"x": 2}, {"x": 1}, {"y": 1}]}, indent=1))
    report = check_file(path, DOCUMENT)
    assert report.lines == 14
    assert [(f.code, f.line, f.column) for f in report.findings] == [
        ("ME001", 8, 9),
        ("VF601", 10, 3),
        ("VF612", 11, 4),
    ]
    assert report.findings[0].excerpt == '   "x": 1'


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (b'{"file": "a.png",\n "points": [{"x": NaN}]}\n', "VF012", 2, 19),
        (b'{"file": "a.png",\n "points": [{"x": 1},]}', "VF010", 2, 21),
        (b"\xef\xbb\xbf{}\n{}\n", "VF008", 2, 1),
        (b'{"file":\n "\xff"}', "VF004", 2, 3),
    ],
)
def test_json_level_facts_of_a_document(content: bytes, code: str, line: int, column: int) -> None:
    assert [(f.code, f.line, f.column) for f in check_bytes(content, DOCUMENT).findings] == [(code, line, column)]


def test_it_is_mapped_in_the_plugin(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(
        """
        [tool.pytest.ini_options]
        pythonpath = ["."]
        visionfmt_formats = ["data/*.jsonl: own_formats:KEYPOINTS"]
        """
    )
    pytester.makepyfile(own_formats=Path(__file__).read_text())
    data = pytester.mkdir("data")
    (data / "good.jsonl").write_text('{"file": "a.png", "points": [{"x": 1}]}\n')
    (data / "bad.jsonl").write_text('{"file": "a.png", "points": [{"x": 2}, {"x": 1}]}\n')
    result = pytester.runpytest("--visionfmt-check", "data")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*error?ME001? ordered: 1 is less than the 2 before it", "*data/bad.jsonl:1:46 *"])


def test_it_is_checked_on_the_command_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(own_formats=Path(__file__).read_text())
    pytester.makefile(".jsonl", data='{"file": "a.png", "points": [{"x": 2}, {"x": 1}]}')
    # The command of this environment, which need not be activated.
    command = shutil.which("visionfmt", path=sysconfig.get_path("scripts"))
    assert command
    result = pytester.run(command, "check", "--format", "own_formats:KEYPOINTS", "--output=concise", "data.jsonl")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["data.jsonl:1:46: ME001 1 is less than the 2 before it"])
