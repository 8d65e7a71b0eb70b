"""Edge cases: complete, clean, fresh, the same in every process, and within the strategies' reach."""

from __future__ import annotations

import copy
import io
import json
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import pytest
from drawing import OUT_OF_ORDER, STRATEGIES, at_site, many, same, wanted_at
from hypothesis import find, given, settings
from hypothesis import strategies as st
from records import PROFILES, TRAINING, profiles_of, reference
from test_own_format import DOCUMENT, DRAWN, KEYPOINTS, ORDERED

from pytest_visionfmt import (
    JSON_RULES,
    SCHEMA_RULES,
    TABLE,
    EdgeCase,
    Format,
    Hit,
    Record,
    Rule,
    check_record,
    edge_cases,
)
from pytest_visionfmt.draws import DRAWS
from pytest_visionfmt.edges.records import maker_of
from pytest_visionfmt.format import Profile
from pytest_visionfmt.schema_nodes import Node, nodes_of

ALL = [(format_id, profile) for format_id, format_ in TABLE.items() for profile in profiles_of(format_)]
DRAWN_FORMATS = [(format_id, profile) for format_id, profile in ALL if format_id in DRAWS]


@pytest.mark.parametrize(("format_id", "profile"), ALL)
def test_no_case_has_a_finding_in_its_profile(format_id: str, profile: Profile) -> None:
    for case in edge_cases(format_id, profile=profile):
        assert check_record(case.value, format_id, profile=profile) == (), case.id
        assert list(reference(TABLE[format_id], profile).iter_errors(case.value)) == [], case.id


@pytest.mark.parametrize("format_id", TABLE)
def test_a_case_of_the_page_is_clean_for_the_reader_too_and_among_its_cases(format_id: str) -> None:
    of_reader = {case.id: case.value for case in edge_cases(format_id, profile="reader")}
    for case in edge_cases(format_id):
        assert check_record(case.value, format_id, profile="reader") == (), case.id
        assert same_json(of_reader[case.id], case.value)


def same_json(a: Any, b: Any) -> bool:
    return json.dumps(a) == json.dumps(b)


@pytest.mark.parametrize(("format_id", "profile"), ALL)
def test_names_are_unique_and_at_most_200(format_id: str, profile: Profile) -> None:
    names = [str(case) for case in edge_cases(format_id, profile=profile)]
    assert 1 < len(names) <= 200
    assert max(Counter(names).values()) == 1
    assert all(name.isascii() and name.isprintable() and len(name) <= 160 for name in names)


@pytest.mark.parametrize(("format_id", "profile"), ALL)
def test_every_case_says_why_in_a_sentence(format_id: str, profile: Profile) -> None:
    for case in edge_cases(format_id, profile=profile):
        assert case.why.endswith(".")
        assert len(case.why.split()) >= 4
        assert case.like(case.value), f"{case} is not like itself"


# An index names a row 0, and a row has a value in the image column.
NEVER_SO_LONG: dict[tuple[str, Profile], set[int]] = {
    **{("$.input_data.index", profile): {0} for profile in PROFILES},
    ("$.input_data.data[*]", "reader"): {0},
}


@pytest.mark.parametrize(("format_id", "profile"), ALL)
def test_every_boundary_of_the_schema_is_a_case(format_id: str, profile: Profile) -> None:
    values = [case.value for case in edge_cases(format_id, profile=profile)]
    missing = []
    for site, node in nodes_of(TABLE[format_id], profile).walk():
        found = [value for record_ in values for value in at_site(record_, site)]
        for wanted in (*wanted_at(node), *next_inside(node)):
            if (site, wanted) not in OUT_OF_ORDER and not any(same(value, wanted) for value in found):
                missing.append((site, wanted))
        if "array" in node.types and not site.endswith("polygon[*]"):  # an odd number of coordinates is an error
            lengths = {len(value) for value in found if isinstance(value, list)}
            most = math.inf if node.max_items is None else node.max_items
            wanted_lengths = {node.min_items, node.min_items + 1} - NEVER_SO_LONG.get((site, profile), set())
            missing += [(site, length) for length in wanted_lengths - lengths if length <= most]
        kinds = {kind_of(value) for value in found}
        missing += [(site, type_) for type_ in node.types if node.enum is None and type_ not in kinds]
        spellings = [example for example in node.examples if node.pattern and isinstance(example, str)]
        missing += [(site, spelling) for spelling in spellings if spelling not in found]
    assert not missing


def next_inside(node: Node) -> list[Any]:
    if node.minimum is None:
        return []
    if "integer" in node.types:
        return [node.minimum + 1]
    inside = [math.nextafter(node.minimum, math.inf)]
    return inside if node.maximum is None else [*inside, math.nextafter(node.maximum, -math.inf)]


def kind_of(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return kinds.get(type(value), "null")


@pytest.mark.parametrize("format_id", TRAINING)
def test_optional_keys_are_there_and_not_there_in_every_pair(format_id: str) -> None:
    root = nodes_of(TABLE[format_id], "documented")
    optional = [f"{site}.{key}" for site, node in root.walk() for key in node.optional]
    assert len(optional) == (5 if "isCrowd" in str(optional) else 4)
    seen = [{site for site in optional if at_site(case.value, site)} for case in edge_cases(format_id)]
    assert set() in seen
    assert set(optional) in seen
    for i, first in enumerate(optional):
        for second in optional[i + 1 :]:
            wanted = {first, second} | {
                site for site in optional if any(s.startswith(f"{site}.") for s in (first, second))
            }
            assert wanted in seen, wanted
            assert any(second in there and first not in there for there in seen) or second.startswith(first)
            assert any(first in there and second not in there for there in seen)


IMAGES = {
    "no-image-details", "width-without-unit", "image-name-with-space", "image-name-with-brackets",
    "image-name-percent-encoded", "image-name-umlaut", "image-name-ideographs", "image-name-combining",
    "image-name-with-hash", "image-name-with-dots", "image-name-in-folders", "only-image_details",
    "image_details.width=400px",
}  # fmt: skip
CLASSES = {
    "class-one-character", "class-number", "class-true", "class-null", "class-nan", "class-with-space",
    "class-with-comma", "class-with-quote", "class-with-apostrophe", "class-with-backslash", "class-with-slash",
    "class-with-line-break", "class-composed", "class-decomposed", "class-ideographs", "class-emoji",
    "class-right-to-left", "class-bidi-override", "class-zero-width", "class-long", "class-very-long",
    "class-space-behind",
}  # fmt: skip
PAIRS = {"classes-composed-and-decomposed", "classes-by-case", "classes-by-space"}
ANY_CLASS = {"class-space-around", "class-background"}
CROWDS = {"background", "label.isCrowd=0", "label.isCrowd=1", "label.isCrowd=false", "label.isCrowd=true"}
BOXES = {
    "full-box", "integer-corners", "thinnest-box", "many-digits", "box-in-the-far-corner", "same-box-twice",
    "overlapping-boxes", "box-in-box", "touching-boxes",
}  # fmt: skip
OUTLINES = {
    "minimal-triangle", "triangle-in-the-middle", "four-points", "closed-ring", "counterclockwise", "point-twice",
    "along-the-border", "two-segments", "three-segments", "touching-segments", "hole", "bow-tie", "diagonal-line",
    "over-100-points", "tiny-outline",
}  # fmt: skip
NAMED = {
    "azure-multiclass-record": IMAGES | CLASSES | ANY_CLASS | {"label-empty"},
    "azure-multilabel-record": IMAGES
    | CLASSES
    | ANY_CLASS
    | PAIRS
    | {"no-class", "very-many-classes", "label.item-empty"},
    "azure-od-record": IMAGES | CLASSES | PAIRS | CROWDS | BOXES,
    "azure-is-record": IMAGES | CLASSES | PAIRS | CROWDS | OUTLINES,
}
KEYS_OF_S3 = {
    "key-with-space", "key-with-plus", "key-percent-encoded", "key-with-comma", "key-with-quote", "key-with-backslash",
    "key-with-hash", "key-with-question-mark", "key-composed", "key-decomposed", "key-with-two-slashes",
    "key-with-leading-slash", "key-with-dots", "key-in-capitals", "bucket-shortest", "bucket-longest",
    "bucket-with-dots", "bucket-of-old", "no-label", "every-top-level-label", "other-key-null", "other-key-object",
}  # fmt: skip
PREDICTED = {
    "confidence-lowest", "confidence-highest", "confidence-many-nines", "confidence-above-lowest",
    "confidence-on-threshold", "first-level", "second-without-third", "found-nothing", "6.1", "arn-in-china",
    "arn-in-govcloud", "arn-with-dots",
}  # fmt: skip
EVALUATED = {
    "no-image", "one-image", "all-safe", "adapter-as-base-model", "adapter-is-worse", "asked-for=0", "asked-for=67.5",
    "asked-for=100", "counts-of-images", "thresholds-as-floats", "timestamp-plain", "timestamp-milliseconds",
    "timestamp-microseconds", "timestamp-zulu", "timestamp-offset", "arn-in-china", "arn-in-govcloud", "arn-with-dots",
}  # fmt: skip
NAMED |= {
    "rekognition-input-record": KEYS_OF_S3,
    "rekognition-output-record": KEYS_OF_S3
    | {f"{model}-{name}" for model in ("adapter", "base-model") for name in PREDICTED}
    | {"adapter-as-base-model"},
    "rekognition-evaluation": EVALUATED,
    "rekognition-moderation-response": {f"response-{name}" for name in PREDICTED},
}
READERS = {
    "url-short-azureml", "url-camel-case", "url-amldatastore", "url-https", "url-http", "url-wasbs", "url-abfss",
    "url-file", "format-in-capitals", "image-details-null", "extra-key-isTruncated", "extra-key-label_confidence",
    "extra-key-bbox",
}  # fmt: skip
CROWDS_OF_READER = {f"label.isCrowd={value}" for value in ('"true"', "True", '"1"', '"false"', "False", '"0"')}


@pytest.mark.parametrize("format_id", NAMED)
def test_what_people_of_the_field_know_is_there(format_id: str) -> None:
    assert NAMED[format_id] <= {str(case) for case in edge_cases(format_id)}


@pytest.mark.parametrize("format_id", TRAINING)
def test_what_only_the_reader_takes_is_there_for_the_reader_alone(format_id: str) -> None:
    wanted = READERS | (CROWDS_OF_READER if format_id in ("azure-od-record", "azure-is-record") else set())
    assert wanted <= {str(case) for case in edge_cases(format_id, profile="reader")}
    assert not wanted & {str(case) for case in edge_cases(format_id)}


@pytest.mark.parametrize("format_id", DRAWS)
def test_the_simplest_record_is_what_the_strategy_shrinks_to(format_id: str) -> None:
    # The simplest response is of no image, which is drawn where it is asked for.
    least = {"min_images": 0} if format_id.startswith("azure-") and format_id.endswith("-response") else {}
    for profile in PROFILES:
        strategy = STRATEGIES[format_id](profile=profile, **least)
        simplest = find(strategy, lambda value: True, settings=settings(database=None))
        assert same_json(maker_of(TABLE[format_id], profile).record(), simplest)


@pytest.mark.parametrize(("format_id", "profile"), DRAWN_FORMATS)
def test_the_strategy_draws_the_like_of_every_case_that_says_so(format_id: str, profile: Profile) -> None:
    cases = [case for case in edge_cases(format_id, profile=profile) if case.drawn]
    assert cases
    for size in (300, 1000, 5000):  # nearly all are found among the first
        drawn = many(format_id, profile, size)
        cases = [case for case in cases if not any(map(case.like, drawn))]
        if not cases:
            break
    assert list(map(str, cases)) == []


def test_a_value_that_was_changed_leaves_no_trace() -> None:
    for case in edge_cases("azure-od-record", profile="reader"):
        before = copy.deepcopy(case.value)
        changed = case.value
        changed["label"].append("spoilt")
        changed.clear()
        assert case.value == before


def test_cases_are_the_same_in_every_process() -> None:
    code = """
from pytest_visionfmt import TABLE, edge_cases, edge_files
for format_id in TABLE:
    for profile in ("documented", "reader"):
        for case in edge_cases(format_id, profile=profile):
            print(case.id, case.why, case.drawn, repr(case.value))
    for file in edge_files(format_id):
        print(file.id, file.why, file.drawn, file.value)
"""
    here = io.StringIO()
    with redirect_stdout(here):
        exec(code, {})
    other = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    env = {**os.environ, "PYTHONHASHSEED": other, "PYTHONUTF8": "1"}
    there = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True, encoding="utf-8")
    assert here.getvalue() == there.stdout
    assert len(there.stdout.splitlines()) > 600


def test_a_case_is_shown_by_its_name() -> None:
    case = edge_cases("azure-od-record")[0]
    assert isinstance(case, EdgeCase)
    assert (str(case), repr(case)) == ("no-image-details", "<EdgeCase no-image-details>")


def test_an_unknown_format_or_profile_is_an_error() -> None:
    with pytest.raises(ValueError, match="Did you mean 'azure-od-record'"):
        edge_cases("azure-od-recrod")
    with pytest.raises(ValueError, match="unknown profile 'page'"):
        edge_cases("azure-od-record", profile="page")  # type: ignore[arg-type]


# A format of one's own: by its schema alone.


@pytest.mark.parametrize("format_", [KEYPOINTS, DRAWN, DOCUMENT], ids=str)
def test_a_format_of_one_s_own_has_the_edges_of_its_schema(format_: Format) -> None:
    cases = {str(case): case.value for case in edge_cases(format_)}
    for value in cases.values():
        assert check_record(value, format_) == ()
    assert cases["points.x-minimum"]["points"][0]["x"] == -5.0
    assert cases["points.x-above-minimum"]["points"][0]["x"] == math.nextafter(-5, 0)
    assert cases["points.x-below-maximum"]["points"][0]["x"] == math.nextafter(5, 0)
    assert cases["points.n-minimum-integer"]["points"][0]["n"] == 2
    assert cases["points.n-above-minimum-integer"]["points"][0]["n"] == 3
    assert cases["points.n-null"]["points"][0]["n"] is None
    assert cases["points.tags-shortest"]["points"][0]["tags"] == []
    assert cases["points.tags.item=b"]["points"][0]["tags"] == ["b"]
    assert cases["points.tags.item=null"]["points"][0]["tags"] == [None]
    assert len(cases["points-one-more"]["points"]) == 2
    assert cases["with-all-optional-keys"]["points"][0].keys() == {"x", "n", "tags", "flag", "anything"}


def _not_rising(value: Any) -> Iterator[Hit]:
    left, right = (value.get(key) for key in ("left", "right")) if isinstance(value, dict) else (None, None)
    if isinstance(left, int | float) and isinstance(right, int | float) and left >= right:
        yield Hit(("right",), f"{right} is not greater than {left}")


UNIT = {"type": "number", "minimum": 0, "maximum": 1}
SPAN = Format(
    id="span", title="Span", source="our wiki", unit="jsonl",
    schemas={"documented": {
        "type": "object", "required": ["left", "right"],
        "properties": {"left": UNIT, "right": UNIT, "kind": {"type": "string", "pattern": "^[a-c]+$"}},
    }},
    rules=(*JSON_RULES, *SCHEMA_RULES, replace(ORDERED, look=Record(_not_rising))),
)  # fmt: skip


def test_where_the_simplest_record_is_no_valid_one_another_is_found() -> None:
    assert check_record({"left": 0.0, "right": 0.0}, SPAN)
    values = [case.value for case in edge_cases(SPAN)]
    assert {value["left"] for value in values} >= {0.0, math.nextafter(0, 1), math.nextafter(1, 0)}
    assert {value["right"] for value in values} >= {1.0, math.nextafter(0, 1), math.nextafter(1, 0)}
    assert {value.get("kind") for value in values} == {None, "a"}
    assert all(value["left"] < value["right"] for value in values)


@settings(max_examples=3)
@given(st.sampled_from([KEYPOINTS.rules, SPAN.rules]))
def test_cases_may_be_asked_for_inside_a_property(rules: tuple[Rule, ...]) -> None:
    fresh = replace(SPAN, rules=rules)
    assert [case.id for case in edge_cases(fresh)] == [case.id for case in edge_cases(replace(SPAN, rules=rules))]


@given(st.sampled_from(edge_cases(KEYPOINTS)))
def test_cases_can_be_drawn_from(case: EdgeCase) -> None:
    assert check_record(case.value, KEYPOINTS) == ()


NESTED = Format(
    id="nested", title="Nested", source="our wiki", unit="json", rules=(*JSON_RULES, *SCHEMA_RULES),
    schemas={"documented": {
        "type": "object", "required": ["rows"],
        "properties": {"rows": {
            "type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": True,
            "items": {"type": "string", "contentMediaType": "application/json", "contentSchema": {
                "type": "object", "required": ["kind"],
                "properties": {
                    "kind": {"enum": ["a", "b"]},
                    "note": {"type": "string", "maxLength": 5},
                    "tags": {"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"enum": [1, 2]}},
                },
            }},
        }},
    }},
)  # fmt: skip


def test_json_inside_a_string_has_edges_of_its_own() -> None:
    rows = {str(case): [json.loads(row) for row in case.value["rows"]] for case in edge_cases(NESTED)}
    assert rows["rows.kind=b"] == [{"kind": "b"}]
    assert rows["rows.note-empty"] == [{"kind": "a", "note": ""}]
    assert rows["rows.note-longest"] == [{"kind": "a", "note": "xxxxx"}]
    assert rows["rows.tags-longest"] == [{"kind": "a", "tags": [1, 2]}]
    assert rows["with-all-optional-keys"] == [{"kind": "a", "note": "a", "tags": []}]
    for case in edge_cases(NESTED):
        assert check_record(case.value, NESTED) == ()
        assert case.like(case.value)
