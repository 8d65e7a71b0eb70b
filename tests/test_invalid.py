"""Invalid records and files as users meet them: arguments, shrinking, and formats of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from drawing import SHORTEST, minimal
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from records import URL, box, reference
from test_own_format import DOCUMENT, DRAWN, KEYPOINTS

from pytest_visionfmt import (
    JSON_RULES,
    SCHEMA_RULES,
    TABLE,
    Breach,
    Breaches,
    Consequence,
    Format,
    Invalid,
    InvalidFile,
    Reaction,
    check_bytes,
    check_record,
    invalid_cases,
    invalid_file,
    invalid_files,
    invalid_record,
)
from pytest_visionfmt.checking import check_parsing
from pytest_visionfmt.format import Profile
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.parsing import Parsing

OD, IS = "azure-od-record", "azure-is-record"


def case_of(format: str | Format, name: str, **options: Any) -> Invalid:
    return next(case for case in invalid_cases(format, **options) if str(case) == name)


# What a case is.


def test_a_case_says_what_was_done_and_what_follows() -> None:
    case = case_of(OD, "$.label[*]: topX and bottomX the wrong way round")
    assert (case.rule, case.path, case.reaction) == ("VF104", "$.label[0].bottomX", Reaction.OBJECT_DROPPED)
    assert case.findings == {("VF104", "$.label[0].bottomX")}
    (item,) = case.value["label"]
    assert item["topX"] > item["bottomX"]


def test_a_change_with_two_consequences_states_both() -> None:
    case = case_of(OD, "$.label[*].topX: just above 1")
    assert (case.rule, case.path) == ("VF606", "$.label[0].topX")
    assert case.findings == {("VF606", "$.label[0].topX"), ("VF104", "$.label[0].bottomX")}


def test_the_reaction_is_that_of_the_place_and_the_kind_of_value() -> None:
    reactions = {str(case): case.reaction for case in invalid_cases(OD)}
    assert reactions['$.label[*].topX: "a", not a number'] == Reaction.IMAGE_SKIPPED
    assert reactions['$.label[*].topX: "0.5", not a number'] == Reaction.ACCEPTED
    assert reactions["$.label[*].isCrowd: [], none of 0, 1, false, …"] == Reaction.JOB_CRASHES
    assert reactions['$.label[*].isCrowd: "yes", none of 0, 1, false, …'] == Reaction.VALUE_MISREAD


def test_a_file_says_what_was_done_and_what_follows() -> None:
    file = next(f for f in invalid_files(OD) if str(f) == "two records in one line, a newline missing")
    assert (file.rule, file.line, file.reaction) == ("VF008", 1, Reaction.IMAGE_SKIPPED)
    assert file.findings == {("VF008", 1)}
    assert b"}{" in file.content


def test_cases_are_fresh_and_the_same_every_time() -> None:
    first, again = invalid_cases(OD), invalid_cases(OD)
    assert list(map(str, first)) == list(map(str, again))
    assert len(set(map(str, first))) == len(first)
    for case in first:
        if isinstance(case.value, dict):
            case.value.clear()
    assert [case.findings for case in invalid_cases(OD)] == [case.findings for case in again]
    assert invalid_cases(OD)[5].value == again[5].value


@pytest.mark.parametrize("case", invalid_cases(OD, rules=["box-order"]), ids=str)
def test_cases_are_for_parametrize(case: Invalid) -> None:
    assert case.rule == "VF104"


# Which rules.


def test_rules_are_given_by_code_or_name() -> None:
    assert {case.rule for case in invalid_cases(OD, rules=["VF104", "missing-key"])} == {"VF104", "VF601"}
    assert {file.rule for file in invalid_files(OD, rules=["not-a-number"])} == {"VF012"}


def test_warnings_come_only_when_named() -> None:
    assert not {"VF101", "VF612"} & {case.rule for case in invalid_cases(OD)}
    assert {case.rule for case in invalid_cases(OD, rules=["VF101", "unknown-key"])} == {"VF101", "VF612"}
    assert "VF006" not in {file.rule for file in invalid_files(OD)}
    assert [str(file) for file in invalid_files(OD, rules=["VF006"])] == ["no newline at the end"]


def test_what_no_file_can_hold_comes_only_when_named() -> None:
    assert "VF018" not in {case.rule for case in invalid_cases(OD)}
    assert invalid_cases(OD, rules=["VF018"])


def test_what_a_profile_does_not_mind_is_no_breach_in_it() -> None:
    assert invalid_cases(OD, rules=["unknown-key"], profile="reader") == []
    names = [str(case) for case in invalid_cases(OD, profile="reader")]
    assert not any(name.startswith("$.image_details.") for name in names)
    assert "$.label[*]: polygon false beside the box" not in names


UNKNOWN = r"azure-od-record has no rule 'box-ordr'\. Did you mean 'box-order'\? There are: VF001 unreadable-file"


def test_an_unknown_rule_is_an_error_that_suggests_the_nearest() -> None:
    for cases in (invalid_cases, invalid_files):
        with pytest.raises(ValueError, match=UNKNOWN):
            cases(OD, rules=["box-ordr"])
    with pytest.raises(ValueError, match=r"give a list of codes or names, \['VF104'\]"):
        invalid_cases(OD, rules="VF104")
    with pytest.raises(ValueError, match="unknown profile 'page'"):
        invalid_cases(OD, profile="page")  # type: ignore[arg-type]


WRONG: list[tuple[Callable[[], st.SearchStrategy[Any]], str]] = [
    (lambda: invalid_record(OD, rules=["box-ordr"]), UNKNOWN),
    (lambda: invalid_file(OD, rules=["box-ordr"]), UNKNOWN),
    (lambda: invalid_record(OD, rules="VF104"), r"give a list of codes or names, \['VF104'\]"),
    (
        lambda: invalid_record(OD, rules=["VF301"]),
        "no record of azure-od-record breaks VF301 in the documented profile",
    ),
    (lambda: invalid_file(OD, rules=["VF104"]), "no file of azure-od-record breaks VF104 in the documented profile"),
    (lambda: invalid_record(OD, profile="page"), "profile='page' is neither of"),  # type: ignore[arg-type]
    (lambda: invalid_file(OD, profile="page"), "profile='page' is neither of"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(make: Callable[[], Any], message: str) -> None:
    strategy = make()
    with pytest.raises(InvalidArgument, match=message):
        minimal(strategy)


@pytest.mark.parametrize("make", [invalid_cases, invalid_files, invalid_record, invalid_file])
def test_an_unknown_format_raises_at_once(make: Callable[[str], Any]) -> None:
    with pytest.raises(ValueError, match="Did you mean 'azure-is-record'"):
        make("azure-is-recrod")


def test_a_strategy_is_shown_as_its_call() -> None:
    assert repr(invalid_record(OD)) == "invalid_record('azure-od-record', rules=None, profile='documented')"
    assert repr(invalid_file(TABLE[OD], rules=["VF012"])) == (
        "invalid_file('azure-od-record', rules=('VF012',), profile='documented')"
    )


# Drawing.


def test_what_an_invalid_record_shrinks_to() -> None:
    case = minimal(invalid_record(OD, rules=["box-order"]))
    assert case.breach == "$.label[*]: topX and bottomX the wrong way round"
    assert case.value["image_url"] == SHORTEST
    assert case.value.keys() == {"image_url", "label"}
    assert len(case.value["label"]) == 1


def test_what_an_invalid_file_shrinks_to() -> None:
    case = minimal(invalid_file("azure-multiclass-record", rules=["several-values"]))
    assert (
        case.content == 2 * f'{{"image_url": "{SHORTEST.replace("a.jpg", "0-a.jpg")}", "label": "a"}}'.encode() + b"\n"
    )


def test_any_object_is_broken_not_only_the_first() -> None:
    # What a validator that looks at the first object only must be told.
    case = find(
        invalid_record(OD, rules=["below-minimum"]),
        lambda case: case.path.startswith("$.label[3]"),
        settings=settings(max_examples=3000, database=None, derandomize=True),
    )
    assert len(case.value["label"]) >= 4


@pytest.mark.parametrize("path", ["$.input_data.data[2]", "$.input_data.data[1][0]", "$.input_data.data[0][1]"])
def test_any_image_of_a_request_is_broken_whatever_its_row_and_column(path: str) -> None:
    case = find(
        invalid_record("azure-scoring-request", rules=["not-an-image"], profile="reader"),
        lambda case: case.path == path,
        settings=settings(max_examples=3000, database=None, derandomize=True),
    )
    assert case.findings == {("VF403", path)}


def test_what_to_explain_is_broken_in_the_row_that_counts() -> None:
    case = find(
        invalid_record("azure-xai-request", rules=["crashing-parameter"], profile="reader"),
        lambda case: case.value["input_data"].get("index") == [1, 0],
        settings=settings(max_examples=3000, database=None, derandomize=True),
    )
    assert case.path.startswith("$.input_data.data[1]")
    assert {path for code, path in case.findings if code == "VF416"} == {case.path}


def test_a_class_of_another_type_stands_alone() -> None:
    case = minimal(invalid_record(OD, rules=["wrong-type"]), lambda c: c.breach == "$.label[*].label: 1, not a string")
    assert len(case.value["label"]) == 1
    assert case.findings == {("VF602", "$.label[0].label")}


def test_statistics_name_the_rule_that_was_broken(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import given
        from pytest_visionfmt import invalid_record

        @given(invalid_record("azure-od-record", rules=["VF104"]))
        def test_it(case): pass
        """
    )
    result = pytester.runpytest("--hypothesis-show-statistics")
    result.stdout.fnmatch_lines(["*visionfmt:azure-od-record broken rule: VF104*"])


@given(invalid_record(IS))
def test_a_drawn_record_is_broken_within_another_test(case: Invalid) -> None:
    assert case.findings


# Its schema has no examples, so that valid values must be drawn to be broken; a format that no other test asks for.
@given(invalid_record(replace(DRAWN, id="keypoints-first-met-within-a-test")))
def test_what_is_broken_is_drawn_within_another_test(case: Invalid) -> None:
    assert case.findings


# Formats of one's own.

LAMPS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["id", "grid"],
        "properties": {
            "id": {"type": "string", "maxLength": 3, "examples": ["a1"]},
            "kind": {"enum": ["lamp", "Bulb", None]},
            "source-ref": {"type": "string", "pattern": "^s3://[a-z]+$"},
            "tags": {"type": "array", "uniqueItems": True, "maxItems": 2, "items": {"type": "string"}},
            "grid": {
                "type": ["array", "null"],
                "minItems": 3,
                "maxItems": 3,
                "items": {"type": "array", "items": {"type": "array", "items": {"type": "number", "maximum": 2}}},
                "examples": [[[[0.5]], [[1]], []]],
            },
            "settings": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {
                    "type": "object",
                    "required": ["on"],
                    "properties": {
                        "on": {"type": "boolean"},
                        "levels": {"type": "array", "items": {"type": "integer", "minimum": 1}},
                    },
                },
                "examples": ['{"on": true}', '{"on": false, "levels": [1, 2]}'],
            },
        },
    },
}


def lamps(format_: Format, profile: Profile) -> st.SearchStrategy[Any]:
    grid = st.lists(st.lists(st.lists(st.sampled_from([0.5, 1]), max_size=2), max_size=2), min_size=3, max_size=3)
    inner = st.fixed_dictionaries({"on": st.booleans()}, optional={"levels": st.lists(st.integers(1, 9), max_size=3)})
    more = {
        "kind": st.sampled_from(["lamp", "Bulb", None]),
        "source-ref": st.sampled_from(["s3://a", "s3://abc"]),
        "tags": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
        "settings": inner.map(json.dumps),
    }
    return st.lists(
        st.fixed_dictionaries({"id": st.text("ab", max_size=3), "grid": grid | st.none()}, optional=more),
        min_size=1,
        max_size=3,
    )


LAMP = Format(
    "lamps", "Lamps", "our wiki", "json", {"documented": LAMPS}, (*JSON_RULES, *SCHEMA_RULES), draw=lamps,
)  # fmt: skip
OWN = [LAMP, DRAWN, DOCUMENT]


def found_in(case: Invalid, format_: Format) -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check_record(case.value, format_)}


def test_every_keyword_is_broken_in_lists_of_lists_and_in_json_inside_a_string() -> None:
    cases = invalid_cases(LAMP, rules=[rule.code for rule in LAMP.rules])
    for case in cases:
        assert found_in(case, LAMP) == case.findings, case
    names = set(map(str, cases))
    assert {
        "$[*].grid[*][*][*]: just above 2",
        "$[*].grid: 4 items, more than 3",
        "$[*].grid: 2 items, fewer than 3",
        "$[*].tags: 3 items, more than 2",
        "$[*].tags: an item twice",
        "$[*].id: 4 characters long",
        "$[*]: \"source-ref\" misspelt \"source_ref\"",
        "$[*]['source-ref']: a space before",
        "$[*].kind: \"LAMP\", none of \"lamp\", \"Bulb\", null",
        "$[*].settings: JSON cut short, no JSON",
        "$[*].settings > $: \"on\" missing",
        "$[*].settings > $.on: \"true\", not a boolean",
        "$[*].settings > $.levels[*]: 0, below 1",
        "$: empty",
    } <= names  # fmt: skip
    keywords = {"required", "type", "enum", "pattern", "minimum", "maximum", "minItems", "maxItems", "maxLength"}
    keywords |= {"uniqueItems", "properties", "misspelt"}
    by_keyword = {rule.code for rule in SCHEMA_RULES if rule.look.keyword in keywords}  # type: ignore[union-attr]
    assert by_keyword <= {case.rule for case in cases}


@given(invalid_record(LAMP))
def test_and_so_are_drawn_ones(case: Invalid) -> None:
    assert found_in(case, LAMP) == case.findings


def test_the_reference_agrees_outside_the_strings() -> None:
    for case in invalid_cases(LAMP, rules=["wrong-type", "too-many-items", "repeated-item", "too-long", "missing-key"]):
        assert reference(LAMP).is_valid(case.value) == (" > $" in str(case)), case


@pytest.mark.parametrize("format_", OWN, ids=lambda f: f.id)
def test_the_files_of_a_format_of_one_s_own(format_: Format) -> None:
    files = invalid_files(format_, rules=[rule.code for rule in format_.rules])
    for file in files:
        found = {(finding.code, finding.line) for finding in check_bytes(file.content, format_).findings}
        assert found == file.findings, file
    assert {"VF003", "VF004", "VF010", "VF011", "VF012", "VF016"} <= {file.rule for file in files}
    assert ("VF007" in {file.rule for file in files}) == (format_.unit == "jsonl")


@given(invalid_file(LAMP))
def test_a_document_is_broken_as_a_file(file: InvalidFile) -> None:
    found = {(finding.code, finding.line) for finding in check_bytes(file.content, LAMP).findings}
    assert found == file.findings


def by_hand(format_: Format, profile: Profile) -> Breaches:
    """Break the order of the points, and say what a broken point does to it."""

    def add(points: list[Any]) -> list[Any]:
        return [*points, {"x": points[-1]["x"] - 1}] if points[-1]["x"] > -5 else [{"x": 5}, *points]

    def last(points: list[Any]) -> list[Consequence]:
        return [Consequence("ME001", (1 if points[0] == {"x": 5} and len(points) > 1 else len(points) - 1, "x"))]

    def out_of_order(value: Any, place: Any) -> Iterator[Consequence]:
        if place[:1] == ("points",) and place[2:] == ("x",):
            xs = [point.get("x") for point in value["points"]]
            for i in (place[1], place[1] + 1):
                pair = xs[i - 1 : i + 1] if i else []
                if len(pair) == 2 and all(isinstance(x, int | float) for x in pair) and pair[1] < pair[0]:
                    yield Consequence("ME001", ("points", i, "x"))

    breach = Breach(("points",), "a point that goes back", add, last, holds="array")
    return Breaches(record=(breach,), also=out_of_order)


ORDERED = replace(DRAWN, id="keypoints-broken", breaches=by_hand)


def test_a_rule_of_one_s_own_is_broken_by_one_s_own_breach() -> None:
    cases = invalid_cases(ORDERED)
    assert "$.points: a point that goes back" in map(str, cases)
    for case in cases:
        assert found_in(case, ORDERED) == case.findings, case


@given(invalid_record(ORDERED))
def test_a_drawn_breach_of_the_schema_says_what_it_does_to_one_s_own_rule(case: Invalid) -> None:
    assert found_in(case, ORDERED) == case.findings


def last_counts(value: Any, breach: Breach) -> Path:
    """Make three points, and break the last of them."""
    if breach.place[:2] != ("points", 0):
        return breach.place
    value["points"] = [{"x": x} for x in (1, 2, 3)]
    return ("points", -1, *breach.place[2:])


LAST = replace(DRAWN, id="keypoints-last", breaches=lambda format_, profile: Breaches(ready=last_counts))


def test_a_place_is_made_ready_and_one_item_of_it_pinned() -> None:
    cases = [case for case in invalid_cases(LAST) if str(case).startswith("$.points[*].x: ")]
    assert cases
    for case in cases:
        assert case.path == "$.points[2].x"
        assert [point["x"] for point in case.value["points"][:2]] == [1, 2]


def test_a_format_without_breaches_is_broken_by_its_schema_alone() -> None:
    assert {case.rule for case in invalid_cases(KEYPOINTS)} >= {"VF601", "VF602", "VF603", "VF604", "VF605", "VF606"}
    assert "ME001" not in {case.rule for case in invalid_cases(KEYPOINTS)}


def test_the_cases_of_one_s_own_are_made_of_what_its_draw_draws() -> None:
    for case in invalid_cases(DRAWN, rules=["VF605"]):
        assert case.value["file"] == "a.png"


# What its own draw never draws, and its schema has no example of.
SPARSE = replace(
    DRAWN,
    id="keypoints-sparse",
    draw=lambda format_, profile: st.just({"file": "a.png"}),
    schemas={
        "documented": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "string"},
                "code": {"type": "string", "pattern": "^[0-9]{3}-[a-z]+$"},
                "size": {
                    "type": ["object", "null"],
                    "required": ["width", "unit"],
                    "properties": {"width": {"type": "integer", "minimum": 2.5}, "unit": {"enum": ["px", "mm"]}},
                },
                "ratios": {"type": "array", "minItems": 2, "items": {"type": "number", "maximum": -1}},
                "inner": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": {"type": "object", "required": ["on"], "properties": {"on": {"type": "boolean"}}},
                },
            },
        }
    },
)


def test_what_is_missing_is_added_as_simple_as_the_schema_allows() -> None:
    cases = {str(case): case for case in invalid_cases(SPARSE)}
    for case in cases.values():
        assert found_in(case, SPARSE) == case.findings, case
    assert cases['$: "code" misspelt "CODE"'].value == {"file": "a.png", "CODE": "000-a"}
    assert cases["$.size.width: 2, below 2.5"].value["size"] == {"width": 2, "unit": "px"}
    assert cases["$.ratios: 1 item, fewer than 2"].value["ratios"] == [-1]
    assert cases["$.inner > $.on: null, not a boolean"].value["inner"] == '{"on": null}'


# What the checker learnt on the way.


def test_what_json_has_not_is_no_matter_for_a_schema_whether_or_not_a_rule_minds() -> None:
    for fact in ("lone-surrogate", "not-json", "not-a-number", "nested-too-deep"):
        lesser = replace(TABLE[OD], rules=tuple(rule for rule in TABLE[OD].rules if rule.name != fact))
        for value in ("\ud83d", {1}, {1: 2}, float("nan")):
            check_record({"image_url": URL + "1.jpg", "label": [box(value)]}, lesser)
        assert check_parsing(Parsing({}), lesser, "documented")


def test_an_outline_with_a_segment_that_is_no_list_is_not_called_degenerate() -> None:
    flat = [0.5, 0.1, 0.5, 0.2, 0.5, 0.3]
    value = {"image_url": URL + "1.jpg", "label": [{"label": "a", "polygon": ["a", flat]}]}
    assert [f.code for f in check_record(value, IS)] == ["VF602"]
