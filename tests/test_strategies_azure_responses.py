"""Strategies for Azure responses: what items agree on, scores, explanations; arguments, and what they shrink to."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from math import fsum
from typing import Any

import pytest
from drawing import STRATEGIES, many, minimal, sample
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from PIL import Image
from records import PROFILES, reference
from shapely import Polygon

import pytest_visionfmt as visionfmt
from pytest_visionfmt import TABLE, Format, Severity, check_exchange, check_record, record
from pytest_visionfmt.draws.azure_explanations import visualizations
from pytest_visionfmt.format import Profile

MULTICLASS: Any = visionfmt.azure_multiclass_response
MULTILABEL: Any = visionfmt.azure_multilabel_response
OD: Any = visionfmt.azure_od_response
IS: Any = visionfmt.azure_is_response
MULTICLASS_XAI: Any = visionfmt.azure_multiclass_xai_response
MULTILABEL_XAI: Any = visionfmt.azure_multilabel_xai_response

SCORED = [id_ for id_ in STRATEGIES if id_.endswith("-response") and id_.startswith("azure-multi")]
DETECTED = ["azure-od-response", "azure-is-response"]
SUMMED = ["azure-multiclass-response", "azure-multiclass-xai-response"]
EXPLAINED = ["azure-multiclass-xai-response", "azure-multilabel-xai-response"]
KEYS = ("visualizations", "attributions")
FULL = {"topX": 0.0, "topY": 0.0, "bottomX": 1.0, "bottomY": 1.0}
PLAIN = {"box": FULL, "label": "a", "score": 0.0}
TRIANGLE = [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0]]


def assert_clean(value: Any, format_id: str, profile: Profile = "documented") -> None:
    assert check_record(value, format_id, profile=profile) == ()
    assert list(reference(TABLE[format_id], profile).iter_errors(value)) == []


# What they shrink to.


@pytest.mark.parametrize("profile", PROFILES)
def test_what_responses_shrink_to(profile: Profile) -> None:
    for strategy, score in ((MULTICLASS, 1.0), (MULTILABEL, 0.0), (MULTICLASS_XAI, 1.0), (MULTILABEL_XAI, 0.0)):
        assert minimal(strategy(profile=profile)) == [{"probs": [score], "labels": ["a"]}]
    for strategy in (OD, IS):
        assert minimal(strategy(profile=profile)) == [{"boxes": []}]
        assert minimal(strategy(profile=profile, min_images=0)) == []


def has_object(response: Any) -> bool:
    return bool(response[0]["boxes"])


@pytest.mark.parametrize("profile", PROFILES)
def test_what_a_response_with_an_object_shrinks_to(profile: Profile) -> None:
    assert minimal(OD(profile=profile), has_object) == [{"boxes": [PLAIN]}]
    assert minimal(IS(profile=profile), has_object) == [{"boxes": [{**PLAIN, "polygon": TRIANGLE}]}]


BUGS: list[tuple[Any, Callable[[Any], bool], Any]] = [
    (OD, lambda r: any(box["score"] > 0.9 for item in r for box in item["boxes"]),
     [{"boxes": [{**PLAIN, "score": 1.0}]}]),
    (MULTICLASS, lambda r: len(r[0]["labels"]) > 1, [{"probs": [1.0, 0.0], "labels": ["a", "b"]}]),
    (MULTICLASS, lambda r: r[0]["probs"][0] < 0.5, [{"probs": [0.0, 1.0], "labels": ["a", "b"]}]),
    (MULTILABEL, lambda r: not r[0]["labels"][0].isascii(), [{"probs": [0.0], "labels": ["é"]}]),
    (MULTICLASS_XAI, lambda r: "attributions" in r[0],
     [{"probs": [1.0], "labels": ["a"], "attributions": [[[0.0]]] * 3}]),
    (MULTILABEL_XAI, lambda r: bool(r[0].get("attributions")),
     [{"probs": [1.0], "labels": ["a"], "attributions": [[[[0.0]]] * 3]}]),
]  # fmt: skip


@pytest.mark.parametrize(("strategy", "condition", "expected"), BUGS)
def test_what_shows_a_bug_is_the_smallest_response_that_does(
    strategy: Any, condition: Callable[[Any], bool], expected: Any
) -> None:
    assert minimal(strategy(), condition) == expected


# Scores and classes.


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", SCORED)
@given(data=st.data())
def test_items_have_the_same_sorted_classes_and_a_score_for_each(
    format_id: str, profile: Profile, data: st.DataObject
) -> None:
    response = data.draw(STRATEGIES[format_id](profile=profile))
    labels = response[0]["labels"]
    assert labels == sorted(set(labels))
    assert len({type(label) for label in labels}) == 1
    assert 1 <= len(labels) <= 6
    assert all(item["labels"] == labels and len(item["probs"]) == len(labels) for item in response)
    assert all(response[0]["labels"] is not item["labels"] for item in response[1:])
    if format_id in SUMMED:
        assert all(abs(fsum(item["probs"]) - 1) < 1e-9 for item in response)


@pytest.mark.parametrize("format_id", SCORED)
def test_scores_are_0_and_1_and_equal_and_of_many_digits(format_id: str) -> None:
    items = [item for response in many(format_id) for item in response if len(item["labels"]) > 1]
    assert any(0 in item["probs"] for item in items)
    assert any(1 in item["probs"] for item in items)
    assert any(len({prob for prob in item["probs"] if prob}) < sum(map(bool, item["probs"])) for item in items)
    assert any(len(repr(prob)) > 17 for item in items for prob in item["probs"])
    assert any(0 < prob < 1e-5 for item in items for prob in item["probs"])


def test_what_only_the_service_writes_is_there_for_the_reader_alone() -> None:
    conditions: list[tuple[str, Callable[[Any], bool]]] = [
        ("multiclass", lambda r: type(r[0]["labels"][0]) is int),
        ("od", lambda r: any(type(box["label"]) is int for item in r for box in item["boxes"])),
        ("od", lambda r: any(box["box"]["topX"] < 0 for item in r for box in item["boxes"])),
        ("od", lambda r: any(1 < box["box"]["bottomY"] < 1.01 for item in r for box in item["boxes"])),
        ("is", lambda r: any(box["polygon"] == [] for item in r for box in item["boxes"])),
        ("is", lambda r: any(len(c) == 4 for item in r for box in item["boxes"] for c in box["polygon"])),
        ("multilabel", lambda r: "filename" in r[0] and r[0]["visualizations"] is None is r[0]["attributions"]),
        ("multiclass-xai", lambda r: r[0].get("attributions", 0) is None and "visualizations" in r[0]),
        ("multilabel-xai", lambda r: (r[0].get("visualizations") or [0])[0] is None),
    ]
    for task, condition in conditions:
        assert any(map(condition, many(f"azure-{task}-response", "reader", 500)))
        assert not any(map(condition, many(f"azure-{task}-response")))


@given(data=st.data())
def test_an_outline_has_an_area_and_whole_points(data: st.DataObject) -> None:
    response = data.draw(IS(min_objects=1))
    for box in (box for item in response for box in item["boxes"]):
        assert all(len(contour) >= 6 and len(contour) % 2 == 0 for contour in box["polygon"])
        points = [pair for c in box["polygon"] for pair in zip(c[::2], c[1::2], strict=True)]
        left, top, right, bottom = Polygon(points).bounds
        assert left < right
        assert top < bottom


# Explanations.


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", EXPLAINED)
@given(data=st.data())
def test_all_items_have_the_same_keys_of_explanations_and_attributions_of_one_size(
    format_id: str, profile: Profile, data: st.DataObject
) -> None:
    response = data.draw(STRATEGIES[format_id](profile=profile))
    assert len({frozenset(item) for item in response}) == 1
    sizes = {
        size
        for item in response
        for one in (item.get("attributions") or [] if "label-" in format_id else [item.get("attributions")])
        if one is not None
        for channel in one
        for size in (len(channel), *map(len, channel))
    }
    assert len(sizes) <= 1
    assert sizes <= set(range(1, 9))


@given(st.one_of(MULTICLASS_XAI(), MULTILABEL_XAI()))
def test_visualizations_are_images_that_pillow_decodes(response: Any) -> None:
    for item in response:
        found = item.get("visualizations")
        for text in [found] if isinstance(found, str) else found or []:
            with Image.open(BytesIO(base64.b64decode(text, validate=True))) as image:
                image.load()
                assert image.format == "PNG"


@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data())
def test_as_many_classes_are_explained_as_score_above_the_threshold(profile: Profile, data: st.DataObject) -> None:
    threshold = data.draw(st.sampled_from([0, 0.25, 0.5, 1, 1.0, -1, 2.5]) | st.floats(0, 1))
    response = data.draw(MULTILABEL_XAI(threshold=threshold, profile=profile))
    for item in response:
        assert threshold not in item["probs"]
        selected = sum(prob > threshold for prob in item["probs"])
        assert all(len(item[key] or []) == selected for key in KEYS if key in item)
    assert_clean(response, "azure-multilabel-xai-response", profile)


def test_no_class_one_class_and_all_classes_are_explained() -> None:
    drawn = [i for r in sample(MULTILABEL_XAI()) for i in r if "visualizations" in i and len(i["labels"]) > 2]
    assert {len(i["visualizations"] or []) for i in drawn} >= {0, 1, 2}
    assert any(len(i["visualizations"] or []) == len(i["labels"]) for i in drawn)
    assert any(i["visualizations"] is None for i in drawn)
    assert any(i["visualizations"] == [] for i in drawn)


def test_images_are_explained_in_one_way_in_both_and_in_none() -> None:
    for strategy in (MULTICLASS_XAI, MULTILABEL_XAI):
        seen = {frozenset(KEYS) & frozenset(response[0]) for response in sample(strategy())}
        assert seen == {frozenset(), frozenset(KEYS[:1]), frozenset(KEYS[1:]), frozenset(KEYS)}


VISUALIZATION = visualizations()[0]


@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data())
def test_a_response_fits_the_request_that_asked_for_it(profile: Profile, data: st.DataObject) -> None:
    response = data.draw(MULTILABEL_XAI(threshold=0.25, profile=profile))
    asked = {key: key in response[0] for key in KEYS}
    if any(isinstance(item.get(key), list) and None in item[key] for item in response for key in KEYS):
        return  # what was not asked for
    row = {"image_base64": VISUALIZATION, "model_explainability": True,
           "xai_parameters": {**asked, "confidence_score_threshold_multilabel": 0.25}}  # fmt: skip
    request = {"input_data": {"columns": ["image"], "data": [json.dumps(row)] * len(response)}}
    found = check_exchange(request, response, task="image_classification_multilabel", profile=profile)
    assert [finding for finding in found if finding.severity is not Severity.NOTE] == []


# Arguments.


@pytest.mark.parametrize("format_id", [*SCORED, *DETECTED])
@given(data=st.data())
def test_the_bounds_on_images_hold(format_id: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 5))
    high = data.draw(st.integers(low, 7))
    value = data.draw(STRATEGIES[format_id](min_images=low, max_images=high))
    assert low <= len(value) <= high
    assert_clean(value, format_id)


@pytest.mark.parametrize("format_id", DETECTED)
@given(data=st.data())
def test_the_bounds_on_objects_hold(format_id: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 4))
    high = data.draw(st.integers(low, 6))
    value = data.draw(STRATEGIES[format_id](min_objects=low, max_objects=high, max_images=2))
    assert all(low <= len(item["boxes"]) <= high for item in value)
    assert_clean(value, format_id)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", SCORED)
@given(data=st.data())
def test_the_classes_are_those_given(format_id: str, profile: Profile, data: st.DataObject) -> None:
    kinds = st.text() if profile == "documented" else st.integers(-9, 9) | st.text("ab")
    pool = data.draw(st.lists(kinds, min_size=1, max_size=9, unique=True))
    given_ = [label for label in pool if type(label) is type(pool[0])]
    value = data.draw(STRATEGIES[format_id](classes=given_, profile=profile))
    assert all(item["labels"] == sorted(given_) for item in value)
    assert_clean(value, format_id, profile)


@pytest.mark.parametrize("format_id", SCORED)
def test_a_thousand_classes_and_fifty_images_are_not_too_many(format_id: str) -> None:
    classes = [f"class {number:03}" for number in range(1000)]
    for value in sample(STRATEGIES[format_id](classes=classes, min_images=50, max_images=50), 2):
        assert len(value) == 50
        assert check_record(value, format_id) == ()


@pytest.mark.parametrize("format_id", [*SCORED, *DETECTED])
@given(data=st.data())
def test_labels_are_drawn_from_the_strategy_given(format_id: str, data: st.DataObject) -> None:
    pool = data.draw(st.lists(st.text("abc"), min_size=6, max_size=9, unique=True))
    value = data.draw(STRATEGIES[format_id](labels=st.sampled_from(pool)))
    found = [label for item in value for label in item.get("labels", [])]
    found += [box["label"] for item in value for box in item.get("boxes", [])]
    assert set(found) <= set(pool)
    assert_clean(value, format_id)


@pytest.mark.parametrize("format_id", EXPLAINED)
@given(data=st.data())
def test_attributions_have_the_size_given(format_id: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 12))
    for item in data.draw(STRATEGIES[format_id](attribution_size=size, max_images=2)):
        found = item.get("attributions") or []
        for one in found if "label-" in format_id else [found] if found else []:
            assert [len(channel) for channel in one] == [size] * 3
            assert {len(row) for channel in one for row in channel} == {size}


def test_attributions_may_be_as_large_as_the_service_s() -> None:
    strategy = MULTICLASS_XAI(attribution_size=224, max_images=1)
    one = next(value[0] for value in sample(strategy, 20) if value[0].get("attributions"))
    assert len(one["attributions"][2][223]) == 224
    assert check_record([one], "azure-multiclass-xai-response") == ()


WRONG: list[tuple[Callable[[], st.SearchStrategy[Any]], str]] = [
    (lambda: MULTICLASS(min_images=3, max_images=2), "min_images=3 is larger than max_images=2"),
    (lambda: OD(min_images=-1), "min_images=-1 is negative"),
    (lambda: OD(max_images=2.5), "max_images=2.5 is not an integer"),
    (lambda: IS(min_objects=4), "min_objects=4 is larger than max_objects=3"),
    (lambda: OD(min_objects=True), "min_objects=True is not an integer"),
    (lambda: OD(labels=["cat"]), r"labels=\['cat'\] is not a strategy"),
    (lambda: MULTILABEL(labels="cat"), "labels='cat' is not a strategy"),
    (lambda: MULTILABEL(classes="cat"), "classes='cat' is not a list of classes"),
    (lambda: MULTILABEL(classes=3), "classes=3 is not a list of classes"),
    (lambda: MULTILABEL(classes=[]), r"classes=\[\] leaves no class to score"),
    (lambda: MULTICLASS(classes=["a", "a"]), r"classes=\['a', 'a'\] has a class twice"),
    (lambda: MULTICLASS(classes=["a", 1], profile="reader"), r"classes=\['a', 1\] are neither all strings nor all"),
    (lambda: MULTICLASS(classes=[True], profile="reader"), r"classes=\[True\] are neither all strings nor all"),
    (lambda: MULTICLASS(classes=[1]), r"classes=\[1\] are integers, which profile='documented' does not take"),
    (
        lambda: MULTICLASS(classes=["a"], labels=st.text()),
        r"classes=\['a'\] and labels=text\(.*\) both say which classes there are",
    ),
    (lambda: MULTICLASS_XAI(attribution_size=0), "attribution_size=0 is not a positive integer"),
    (lambda: MULTICLASS_XAI(attribution_size=True), "attribution_size=True is not a positive integer"),
    (lambda: MULTILABEL_XAI(attribution_size=2.0), "attribution_size=2.0 is not a positive integer"),
    (lambda: MULTILABEL_XAI(threshold="0.5"), "threshold='0.5' is not a number"),
    (lambda: MULTILABEL_XAI(threshold=float("nan")), "threshold=nan is not a number"),
    (lambda: IS(profile="page"), "profile='page' is neither of"),
    (lambda: MULTICLASS(profile="page"), "profile='page' is neither of"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(make: Callable[[], Any], message: str) -> None:
    strategy = make()
    with pytest.raises(InvalidArgument, match=message):
        minimal(strategy)


# Schemas edited.


def edited(format_id: str, edit: Callable[[Any], None]) -> Format:
    """Return a format with an edit made to what its schema says of an item."""
    schema = copy.deepcopy(dict(TABLE[format_id].schema("documented")))
    edit(schema["$defs"]["prediction"]["properties"])
    return replace(TABLE[format_id], schemas={"documented": schema})


@pytest.mark.parametrize(
    "edit",
    [
        lambda keys: keys["labels"]["items"].update(enum=["cat", "dog", "emu"]),
        lambda keys: keys["labels"].update(maxItems=2),
        lambda keys: keys["labels"]["items"].update(pattern="^[a-c]{1,3}$"),
        lambda keys: keys["labels"]["items"].update(maxLength=1),
        lambda keys: keys["probs"].update(minItems=3),
        lambda keys: keys["probs"]["items"].update(maximum=0.3),
        lambda keys: keys["probs"]["items"].update(minimum=0.1),
    ],
    ids=["enum", "maxItems", "pattern", "maxLength", "minItems", "maximum", "minimum"],
)
@pytest.mark.parametrize("format_id", SUMMED)
def test_classes_and_scores_follow_an_edited_schema(format_id: str, edit: Callable[[Any], None]) -> None:
    format_ = edited(format_id, edit)
    for value in sample(record(format_), 15):
        assert check_record(value, format_) == ()
        assert list(reference(format_).iter_errors(value)) == []


def test_the_largest_score_of_an_edited_schema_is_reached() -> None:
    drawn = sample(record(edited(SUMMED[0], lambda keys: keys["probs"]["items"].update(maximum=0.75))))
    assert max(prob for value in drawn for item in value for prob in item["probs"]) == 0.75
