"""The schemas really drive: edit a loaded one, and strategy, edge cases, breaches and checker follow."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from drawing import sample
from hypothesis import given
from hypothesis import strategies as st
from records import PROFILES, REQUESTS, box, jsonl, outline, reference
from records import record as record_of

from pytest_visionfmt import (
    TABLE,
    Format,
    Invalid,
    Severity,
    check_bytes,
    check_record,
    edge_cases,
    invalid_cases,
    invalid_record,
    record,
)
from pytest_visionfmt.accepting import acceptor_of
from pytest_visionfmt.format import Profile

Edit = Callable[[dict[str, Any]], None]


@cache
def edited(format_id: str, edit: Edit) -> Format:
    """Return a format of the table with an edit made to the schemas of both profiles."""
    format_ = TABLE[format_id]
    schemas = {profile: dict(format_.schema(profile)) for profile in PROFILES}
    for schema in schemas.values():
        edit(schema)
    return replace(format_, schemas=schemas)


def add_webp(schema: dict[str, Any]) -> None:
    if "properties" in schema["$defs"]["image_details"]:
        schema["$defs"]["image_details"]["properties"]["format"]["enum"].append("webp")


def lower_maximum(schema: dict[str, Any]) -> None:
    for corner in ("topX", "topY", "bottomX", "bottomY"):
        schema["$defs"]["box"]["properties"][corner]["maximum"] = 0.5


def lower_one_maximum(schema: dict[str, Any]) -> None:
    schema["$defs"]["box"]["properties"]["bottomX"]["maximum"] = 0.5


def require_is_crowd(schema: dict[str, Any]) -> None:
    schema["$defs"]["box"]["required"].append("isCrowd")


def remove_is_crowd(schema: dict[str, Any]) -> None:
    del schema["$defs"]["box"]["properties"]["isCrowd"]


def lengthen_segments(schema: dict[str, Any]) -> None:
    schema["$defs"]["object"]["properties"]["polygon"]["items"]["minItems"] = 9


def raise_minimum_of_polygons(schema: dict[str, Any]) -> None:
    schema["$defs"]["object"]["properties"]["polygon"]["items"]["items"]["minimum"] = 0.5


def only_integer_widths(schema: dict[str, Any]) -> None:
    if "properties" in schema["$defs"]["image_details"]:
        schema["$defs"]["image_details"]["properties"]["width"]["type"] = "integer"


def other_urls(schema: dict[str, Any]) -> None:
    schema["properties"]["image_url"]["pattern"] = "^gs://[a-z]{3,9}/[0-9]+[.]png$"


def lower_scores(schema: dict[str, Any]) -> None:
    schema["$defs"]["object"]["properties"]["score"]["maximum"] = 0.5


def lower_probs(schema: dict[str, Any]) -> None:
    schema["$defs"]["prediction"]["properties"]["probs"]["items"]["maximum"] = 0.75


def require_visualizations(schema: dict[str, Any]) -> None:
    schema["$defs"]["prediction"]["required"].append("visualizations")


def four_channels(schema: dict[str, Any]) -> None:
    schema["$defs"]["prediction"]["properties"]["attributions"].update(minItems=4, maxItems=4)


OD, IS = "azure-od-record", "azure-is-record"
BOXES, SCORES = "azure-od-response", "azure-multilabel-response"
IMAGE_XAI, CLASSES_XAI = "azure-multiclass-xai-response", "azure-multilabel-xai-response"
CORNERS = {"topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.8}
# What was edited, a value that breaks it now, the code and path; or one that is clean now.
BREAKS: list[tuple[str, Edit, Any, str, str]] = [
    (OD, lower_maximum, record_of([box()]), "VF606", "$.label[0].bottomX"),
    (OD, lower_one_maximum, record_of([box()]), "VF606", "$.label[0].bottomX"),
    (OD, require_is_crowd, record_of([box()]), "VF601", "$.label[0].isCrowd"),
    (OD, remove_is_crowd, record_of([box(isCrowd=0)]), "VF612", "$.label[0].isCrowd"),
    (IS, lengthen_segments, record_of([outline()]), "VF607", "$.label[0].polygon[0]"),
    (IS, raise_minimum_of_polygons, record_of([outline()]), "VF605", "$.label[0].polygon[0][0]"),
    (OD, only_integer_widths, record_of([], image_details={"width": "9px"}), "VF602", "$.image_details.width"),
    (OD, other_urls, record_of([]), "VF604", "$.image_url"),
    (BOXES, lower_scores, [{"boxes": [{"box": CORNERS, "label": "a", "score": 0.9}]}], "VF606", "$[0].boxes[0].score"),
    (SCORES, lower_probs, [{"probs": [0.9], "labels": ["a"]}], "VF606", "$[0].probs[0]"),
    (CLASSES_XAI, require_visualizations, [{"probs": [0.1], "labels": ["a"]}], "VF601", "$[0].visualizations"),
    (IMAGE_XAI, four_channels, [{"probs": [1], "labels": ["a"], "attributions": [[[0]]] * 3}], "VF607",
     "$[0].attributions"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("format_id", "edit", "value", "code", "path"), BREAKS, ids=[row[1].__name__ for row in BREAKS]
)
def test_the_checker_follows(format_id: str, edit: Edit, value: Any, code: str, path: str) -> None:
    assert (code, path) not in {(f.code, f.path) for f in check_record(value, format_id)}
    assert (code, path) in {(f.code, f.path) for f in check_record(value, edited(format_id, edit))}


FAST = [row for row in BREAKS if acceptor_of(TABLE[row[0]], "documented")]


@pytest.mark.parametrize(("format_id", "edit", "value", "code", "path"), FAST, ids=[row[1].__name__ for row in FAST])
def test_the_accept_path_follows(format_id: str, edit: Edit, value: Any, code: str, path: str) -> None:
    before, after = (acceptor_of(format_, "documented") for format_ in (TABLE[format_id], edited(format_id, edit)))
    assert before
    assert len(FAST) >= 8
    assert before.accepts(jsonl(value))
    assert not (after and after.accepts(jsonl(value)))
    assert check_bytes(jsonl(value), edited(format_id, edit)).counts[code]


def test_the_accept_path_follows_a_widened_enumeration() -> None:
    line = jsonl(record_of([], image_details={"format": "webp"}))
    after = acceptor_of(edited(OD, add_webp), "documented")
    assert after
    assert after.accepts(line)


def test_the_checker_follows_a_widened_enumeration() -> None:
    value = record_of([], image_details={"format": "webp"})
    assert check_record(value, OD)
    assert check_record(value, edited(OD, add_webp)) == ()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("format_id", "edit"), [(OD, add_webp), *((row[0], row[1]) for row in BREAKS)])
@given(data=st.data())
def test_the_strategy_follows(format_id: str, edit: Edit, profile: Profile, data: st.DataObject) -> None:
    format_ = edited(format_id, edit)
    value = data.draw(record(format_, profile=profile))
    assert list(reference(format_, profile).iter_errors(value)) == []
    assert check_record(value, format_, profile=profile) == ()


def only_own_bucket(schema: dict[str, Any]) -> None:
    schema["properties"]["source-ref"]["pattern"] = "^s3://ours-[a-z]{3}/[a-z]+[.]png$"


def only_surer(schema: dict[str, Any]) -> None:
    schema["$defs"]["predicted_label"]["properties"]["Confidence"]["minimum"] = 60


def require_level(schema: dict[str, Any]) -> None:
    schema["$defs"]["predicted_label"]["required"].append("TaxonomyLevel")


def remove_content_types(schema: dict[str, Any]) -> None:
    for holder in (schema, *schema["$defs"].values()):
        holder.get("properties", {}).pop("ContentTypes", None)


def add_content_type(schema: dict[str, Any]) -> None:
    schema["$defs"]["content_type"]["properties"]["Name"]["enum"].append("Rendered")


def few_names(schema: dict[str, Any]) -> None:
    schema["$defs"]["label"]["properties"]["Name"]["enum"] = ["Violence", "Alcohol"]


def half_the_thresholds(schema: dict[str, Any]) -> None:
    listed = schema["$defs"]["content_moderation"]["properties"]["AllConfidenceThresholdsEvalResults"]
    listed["minItems"] = listed["maxItems"] = 10
    schema["$defs"]["threshold_results"]["properties"]["ConfidenceThreshold"]["enum"] = list(range(10, 101, 10))


def remove_true_negatives(schema: dict[str, Any]) -> None:
    schema["$defs"]["counts"]["required"].remove("TrueNegative")
    del schema["$defs"]["counts"]["properties"]["TrueNegative"]


def few_testing_images(schema: dict[str, Any]) -> None:
    schema["$defs"]["details"]["properties"]["NumberOfTestingImages"].update(minimum=20, maximum=50)


IN, OUT = "rekognition-input-record", "rekognition-output-record"
EVALUATION, RESPONSE = "rekognition-evaluation", "rekognition-moderation-response"
FOUND, ALL = "ModerationLabels", "AllConfidenceThresholdsEvalResults"
NONE: dict[str, Any] = {FOUND: []}
MODERATION: list[tuple[str, Edit, Callable[[Any], bool]]] = [
    (IN, only_own_bucket, lambda r: r["source-ref"].startswith("s3://ours-")),
    (IN, few_names, lambda r: bool(names_in(r)) and names_in(r) <= {"Violence", "Alcohol"}),
    (OUT, only_surer, lambda r: all(x["Confidence"] > 60 for x in r.get("detect-moderation-labels", NONE)[FOUND])),
    (RESPONSE, require_level, lambda r: bool(r[FOUND]) and all("TaxonomyLevel" in x for x in r[FOUND])),
    (RESPONSE, remove_content_types, lambda r: "ContentTypes" not in r),
    (RESPONSE, add_content_type, lambda r: any(x["Name"] == "Rendered" for x in r.get("ContentTypes", ()))),
    (EVALUATION, half_the_thresholds, lambda r: len(r["ContentModeration"][ALL]) == 10),
    (EVALUATION, remove_true_negatives, lambda r: "TrueNegative" not in str(r)),
    (EVALUATION, few_testing_images, lambda r: 20 <= r["EvaluationDetails"]["NumberOfTestingImages"] <= 50),
]


def names_in(value: Any) -> set[str]:
    return {label["Name"] for label in value["content-moderation-groundtruth"][FOUND]}


@pytest.mark.parametrize(("format_id", "edit", "condition"), MODERATION, ids=[row[1].__name__ for row in MODERATION])
def test_the_strategies_of_moderation_follow(format_id: str, edit: Edit, condition: Callable[[Any], bool]) -> None:
    format_ = edited(format_id, edit)
    values = sample(record(format_), 60)
    assert any(map(condition, values))
    assert edit is few_names or edit is require_level or edit is add_content_type or all(map(condition, values))
    assert [e.message for value in values for e in reference(format_, "documented").iter_errors(value)] == []
    assert {finding.code for value in values for finding in check_record(value, format_)} == set()


DRAWN: list[tuple[str, Edit, Callable[[Any], bool]]] = [
    (OD, add_webp, lambda r: r.get("image_details", {}).get("format") == "webp"),
    (OD, require_is_crowd, lambda r: bool(r["label"]) and all("isCrowd" in b for b in r["label"])),
    (OD, lower_maximum, lambda r: any(b["bottomX"] == 0.5 for b in r["label"])),
    (OD, other_urls, lambda r: r["image_url"].startswith("gs://")),
    (CLASSES_XAI, require_visualizations, lambda r: "visualizations" in r[0]),
    (IMAGE_XAI, four_channels, lambda r: len(r[0].get("attributions", ())) == 4),
    (BOXES, lower_scores, lambda r: any(box["score"] == 0.5 for item in r for box in item["boxes"])),
]


@pytest.mark.parametrize(("format_id", "edit", "condition"), DRAWN, ids=[row[1].__name__ for row in DRAWN])
def test_the_strategy_reaches_what_is_new(format_id: str, edit: Edit, condition: Callable[[Any], bool]) -> None:
    assert any(map(condition, sample(record(edited(format_id, edit)))))
    if edit not in (require_is_crowd, lower_maximum, require_visualizations, lower_scores):
        assert not any(map(condition, sample(record(format_id))))


def edges(format_id: str, edit: Edit | None, profile: Profile = "documented") -> dict[str, Any]:
    """Return the edge cases by name, of a format of the table or of one edited."""
    format_ = edited(format_id, edit) if edit else TABLE[format_id]
    return {str(case): case.value for case in edge_cases(format_, profile=profile)}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("format_id", "edit"), [(OD, add_webp), *((row[0], row[1]) for row in BREAKS)])
def test_edge_cases_are_clean_by_the_edited_schema(format_id: str, edit: Edit, profile: Profile) -> None:
    format_ = edited(format_id, edit)
    values = list(edges(format_id, edit, profile).values())
    assert len(values) > 20
    for value in values:
        assert list(reference(format_, profile).iter_errors(value)) == []
        assert check_record(value, format_, profile=profile) == ()


def test_edge_cases_follow_a_widened_enumeration() -> None:
    case = edges(OD, add_webp)["image_details.format=webp"]
    assert (case["image_details"], case["image_url"][-5:]) == ({"format": "webp"}, ".webp")
    assert edges(OD, add_webp).keys() - edges(OD, None).keys() == {"image_details.format=webp"}


def test_edge_cases_follow_a_lowered_maximum() -> None:
    corners = {b["bottomX"] for value in edges(OD, lower_maximum).values() for b in value["label"]}
    assert max(corners) == 0.5
    assert math.nextafter(0.5, 0) in corners
    assert edges(OD, lower_maximum)["full-box"]["label"][0]["bottomX"] == 0.5


def test_edge_cases_of_a_removed_key_are_gone() -> None:
    gone = edges(OD, None).keys() - edges(OD, remove_is_crowd).keys()
    assert {name for name in edges(OD, None) if "isCrowd" in name} <= gone
    assert not any("isCrowd" in b for value in edges(OD, remove_is_crowd).values() for b in value["label"])


def test_every_edge_case_has_a_key_that_is_required_now() -> None:
    boxes = [b for value in edges(OD, require_is_crowd).values() for b in value["label"]]
    assert len(boxes) > 50
    assert all("isCrowd" in b for b in boxes)
    assert not any("isCrowd" in name for name in edges(OD, require_is_crowd) if name.startswith(("only-", "all-but-")))


def test_edge_cases_follow_a_length_and_a_pattern() -> None:
    segments = [s for value in edges(IS, lengthen_segments).values() for o in value["label"] for s in o["polygon"]]
    assert min(map(len, segments)) == 10
    assert all(value["image_url"].startswith("gs://") for value in edges(OD, other_urls).values())


# What was edited, a breach that is new then, and one that is gone.
BROKEN: list[tuple[str, Edit, str, str]] = [
    (OD, lower_maximum, "$.label[*].topX: just above 0.5", "$.label[*].topX: just above 1"),
    (OD, lower_one_maximum, "$.label[*].bottomX: just above 0.5", "$.label[*].bottomX: just above 1"),
    (OD, require_is_crowd, '$.label[*]: "isCrowd" missing', ""),
    (OD, remove_is_crowd, "", '$.label[*]: "isCrowd" misspelt "is_crowd"'),
    (OD, remove_is_crowd, "", "$.label[*].isCrowd: 2, none of 0, 1, false, …"),
    (IS, lengthen_segments, "$.label[*].polygon[*]: 8 items, fewer than 9",
     "$.label[*].polygon[*]: 5 items, fewer than 6"),
    (IS, raise_minimum_of_polygons, "$.label[*].polygon[*][*]: just below 0.5",
     "$.label[*].polygon[*][*]: just below 0"),
    (OD, only_integer_widths, '$.image_details.width: "a", not an integer', "$.image_details.width: empty"),
    (OD, other_urls, "$.image_url: in capitals", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("format_id", "edit", "new", "gone"), BROKEN, ids=[f"{row[1].__name__}-{row[2] or row[3]}" for row in BROKEN]
)
def test_the_breaches_follow(format_id: str, edit: Edit, new: str, gone: str) -> None:
    before = set(map(str, invalid_cases(format_id)))
    after = set(map(str, invalid_cases(edited(format_id, edit))))
    assert new in after or not new
    assert gone in before - after or not gone
    assert new not in before or edit is other_urls


def test_a_value_that_is_allowed_from_now_on_is_no_breach() -> None:
    def allow_capitals(schema: dict[str, Any]) -> None:
        if "properties" in schema["$defs"]["image_details"]:
            schema["$defs"]["image_details"]["properties"]["format"]["enum"].append("JPG")

    def put(format_: Format) -> str:
        return " ".join(map(str, invalid_cases(format_, rules=["not-allowed"])))

    assert '$.image_details.format: "JPG", none of' in put(TABLE[OD])
    assert '$.image_details.format: "JPG", none of' not in put(edited(OD, allow_capitals))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("format_id", "edit"), [(OD, add_webp), *((row[0], row[1]) for row in BREAKS)])
def test_the_cases_are_as_exact_as_before(format_id: str, edit: Edit, profile: Profile) -> None:
    format_ = edited(format_id, edit)
    cases = invalid_cases(format_, rules=[rule.code for rule in format_.rules], profile=profile)
    assert {str(case): found_in(case, format_, profile) for case in cases} == {str(c): c.findings for c in cases}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("format_id", "edit"), [(OD, add_webp), *((row[0], row[1]) for row in BREAKS)])
@given(data=st.data())
def test_the_drawn_breaches_are_as_exact_as_before(
    format_id: str, edit: Edit, profile: Profile, data: st.DataObject
) -> None:
    format_ = edited(format_id, edit)
    case = data.draw(invalid_record(format_, profile=profile))
    assert found_in(case, format_, profile) == case.findings


def found_in(case: Invalid, format_: Format, profile: Profile) -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check_record(case.value, format_, profile=profile)}


# Requests: what stands in a row, and in the JSON of a row.


def add_algorithm(schema: dict[str, Any]) -> None:
    schema["$defs"]["xai_parameters"]["properties"]["xai_algorithm"]["enum"].append("lime")


def require_flag(schema: dict[str, Any]) -> None:
    schema["$defs"]["row"]["required"].append("model_explainability")


def remove_parameters(schema: dict[str, Any]) -> None:
    del schema["$defs"]["row"]["properties"]["xai_parameters"]


def only_strings(schema: dict[str, Any]) -> None:
    schema["$defs"]["cell"]["type"] = "string"
    for keyword in ("minItems", "maxItems", "items"):
        schema["$defs"]["cell"].pop(keyword, None)


def short_images(schema: dict[str, Any]) -> None:
    schema["$defs"]["cell"]["maxLength"] = schema["$defs"]["cell"]["items"]["maxLength"] = 100


def two_images(schema: dict[str, Any]) -> None:
    schema["$defs"]["table"]["properties"]["data"].update(minItems=2, maxItems=2)


def require_index(schema: dict[str, Any]) -> None:
    schema["$defs"]["table"]["required"].append("index")


SCORING, XAI = REQUESTS


def rows_of(request: dict[str, Any]) -> list[Any]:
    return list(request["input_data"]["data"])


def wishes_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(row) for row in rows_of(request) if isinstance(row, str)]


# What was edited, and what a request is, or may be, from now on.
ALWAYS: list[tuple[str, Edit, Callable[[dict[str, Any]], bool]]] = [
    (XAI, require_flag, lambda r: not wishes_of(r) or any("model_explainability" in wish for wish in wishes_of(r))),
    (XAI, remove_parameters, lambda r: not any("xai_parameters" in wish for wish in wishes_of(r))),
    (XAI, only_strings, lambda r: all(isinstance(row, str) for row in rows_of(r))),
    (SCORING, only_strings, lambda r: all(isinstance(row, str) for row in rows_of(r))),
    (SCORING, short_images, lambda r: all(len(row) <= 100 for row in rows_of(r) if isinstance(row, str))),
    (SCORING, two_images, lambda r: len(rows_of(r)) == 2),
    (SCORING, require_index, lambda r: "index" in r["input_data"]),
]  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("format_id", "edit", "condition"), ALWAYS, ids=[f"{row[0]}-{row[1].__name__}" for row in ALWAYS]
)
def test_requests_follow(
    format_id: str, edit: Edit, condition: Callable[[dict[str, Any]], bool], profile: Profile
) -> None:
    format_ = edited(format_id, edit)
    drawn = sample(record(format_, profile=profile), 60)
    cases = list(edges(format_id, edit, profile).values())
    assert len(cases) > 8
    for value in (*drawn, *cases):
        assert condition(value)
        assert list(reference(format_, profile).iter_errors(value)) == []
        assert {f.severity for f in check_record(value, format_, profile=profile)} <= {Severity.NOTE}
    assert not all(map(condition, sample(record(format_id, profile=profile), 200)))


@pytest.mark.parametrize(
    ("format_id", "edit"),
    [(XAI, require_flag), (XAI, remove_parameters), (XAI, only_strings), (SCORING, two_images)],
)
def test_the_breaches_of_requests_are_as_exact_as_before(format_id: str, edit: Edit) -> None:
    format_ = edited(format_id, edit)
    rules = [rule.code for rule in format_.rules]
    cases = invalid_cases(format_, rules=rules)
    assert set(map(str, cases)) != set(map(str, invalid_cases(format_id, rules=rules)))
    for case in (*cases, *sample(invalid_record(format_, rules=rules), 60)):
        assert found_in(case, format_, "documented") == case.findings, case


def test_requests_reach_a_widened_enumeration() -> None:
    def asks(request: dict[str, Any]) -> bool:
        return any(wish.get("xai_parameters", {}).get("xai_algorithm") == "lime" for wish in wishes_of(request))

    assert any(map(asks, sample(record(edited(XAI, add_algorithm)), 200)))
    assert any(map(asks, edges(XAI, add_algorithm).values()))
