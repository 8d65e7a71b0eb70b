"""What records shrink to: the shortest there is, and for a bug, the shortest record that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from drawing import PLAIN_BOX, SHORTEST, STRATEGIES, TRIANGLE, decoded, minimal
from hypothesis import given, settings
from hypothesis import strategies as st
from records import PROFILES, TRAINING

import pytest_visionfmt as visionfmt
from pytest_visionfmt import TABLE
from pytest_visionfmt.draws.azure_training import TrainingArguments, _decoder
from pytest_visionfmt.format import Profile


def plain(label: Any, **changes: Any) -> dict[str, Any]:
    return {"image_url": SHORTEST, **changes, "label": label}


def test_what_multiclass_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_multiclass_record()) == plain("a")


def test_what_multilabel_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_multilabel_record()) == plain([])
    assert minimal(visionfmt.azure_multilabel_record(), lambda r: bool(r["label"])) == plain(["a"])


def test_what_detection_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_od_record()) == plain([])
    assert minimal(visionfmt.azure_od_record(), lambda r: bool(r["label"])) == plain([PLAIN_BOX])


def test_what_segmentation_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_is_record()) == plain([])
    assert minimal(visionfmt.azure_is_record(), lambda r: bool(r["label"])) == plain([TRIANGLE])


def test_what_separate_boxes_shrink_to() -> None:
    halves = [{**PLAIN_BOX, "bottomX": 0.5}, {**PLAIN_BOX, "topX": 0.5}]
    separate = visionfmt.azure_od_record(separate=True, grid=(8, 6))
    assert minimal(separate) == plain([])
    assert minimal(separate, lambda r: bool(r["label"])) == plain([PLAIN_BOX])
    assert minimal(separate, lambda r: len(r["label"]) == 2) == plain(halves)
    own = visionfmt.azure_od_record(separate=True)
    assert minimal(own) == plain([], image_details={"width": 400, "height": 400})


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
def test_bytes_that_are_all_zero_are_the_simplest_record(format_id: str, profile: Profile) -> None:
    label = {"azure-multiclass-record": "a", "azure-multilabel-record": ["a"], "azure-od-record": [PLAIN_BOX]}
    decoder = _decoder(TABLE[format_id], profile, TrainingArguments((1, 8)))
    assert decoded(decoder) == plain(label.get(format_id, [TRIANGLE]))


# Bugs that converters have, each as what a record must have to show it, and the shortest such record.


def collapses(record: dict[str, Any]) -> bool:
    """A box that loses its area when coordinates are rounded to two decimals."""
    return any(round(box["topX"], 2) == round(box["bottomX"], 2) for box in record["label"])


def has_a_class_beyond_ascii(record: dict[str, Any]) -> bool:
    label = record["label"]
    items = label if isinstance(label, list) else [label]
    return not all((item["label"] if isinstance(item, dict) else item).isascii() for item in items)


def has_three_crowds_as_booleans(record: dict[str, Any]) -> bool:
    return sum(isinstance(box.get("isCrowd"), bool) for box in record["label"]) >= 3


def has_an_integer_width(record: dict[str, Any]) -> bool:
    return isinstance(record.get("image_details", {}).get("width"), int)


def has_a_width_in_px(record: dict[str, Any]) -> bool:
    return str(record.get("image_details", {}).get("width")).endswith("px")


def has_two_classes(record: dict[str, Any]) -> bool:
    return len({box["label"] for box in record["label"]}) > 1


def is_in_two_parts(record: dict[str, Any]) -> bool:
    return any(len(item["polygon"]) > 1 for item in record["label"])


def has_a_quadrangle(record: dict[str, Any]) -> bool:
    return any(len(segment) == 8 for item in record["label"] for segment in item["polygon"])


OD, IS = "azure-od-record", "azure-is-record"
BUGS: list[tuple[str, Callable[[dict[str, Any]], bool], dict[str, Any]]] = [
    (OD, collapses, plain([{**PLAIN_BOX, "bottomX": 0.001}])),
    (OD, has_a_class_beyond_ascii, plain([{**PLAIN_BOX, "label": "é"}])),
    (OD, has_three_crowds_as_booleans, plain([{**PLAIN_BOX, "isCrowd": False}] * 3)),
    (OD, has_an_integer_width, plain([], image_details={"width": 1})),
    (OD, has_a_width_in_px, plain([], image_details={"width": "400px"})),
    (OD, has_two_classes, plain([PLAIN_BOX, {**PLAIN_BOX, "label": "b"}])),
    (IS, has_a_class_beyond_ascii, plain([{**TRIANGLE, "label": "é"}])),
    (IS, is_in_two_parts, plain([{**TRIANGLE, "polygon": [*TRIANGLE["polygon"], [0.0] * 6]}])),
    (IS, has_a_quadrangle, plain([{**TRIANGLE, "polygon": [[*TRIANGLE["polygon"][0], 0.0, 0.0]]}])),
    ("azure-multiclass-record", has_a_class_beyond_ascii, plain("é")),
    ("azure-multilabel-record", has_a_class_beyond_ascii, plain(["é"])),
]


@pytest.mark.parametrize(("format_id", "bug", "shortest"), BUGS, ids=[f"{row[0]}-{row[1].__name__}" for row in BUGS])
def test_a_bug_shrinks_to_the_shortest_record_that_shows_it(
    format_id: str, bug: Callable[[dict[str, Any]], bool], shortest: dict[str, Any]
) -> None:
    found = minimal(STRATEGIES[format_id](), bug)
    assert json.dumps(found) == json.dumps(shortest)
    assert len(json.dumps(found)) <= 230 or len(found["label"]) > 1


def test_one_boolean_crowd_among_three_boxes_is_the_only_thing_left() -> None:
    def bug(record: dict[str, Any]) -> bool:
        return len(record["label"]) >= 3 and any(isinstance(box.get("isCrowd"), bool) for box in record["label"])

    found = minimal(visionfmt.azure_od_record(), bug)
    # Which of the boxes it is makes the record no simpler.
    found["label"].sort(key=lambda box: "isCrowd" in box)
    assert found == plain([PLAIN_BOX, PLAIN_BOX, {**PLAIN_BOX, "isCrowd": False}])


def test_a_test_that_fails_reports_the_shortest_record() -> None:
    seen: list[Any] = []

    @settings(settings.get_profile("default"), database=None, max_examples=1000)
    @given(visionfmt.azure_od_record())
    def converter_keeps_the_area(record: dict[str, Any]) -> None:
        seen.append(record)
        assert not collapses(record)

    with pytest.raises(AssertionError):
        converter_keeps_the_area()
    assert seen[-1] == plain([{**PLAIN_BOX, "bottomX": 0.001}])


@pytest.mark.parametrize("labels", [st.text(), st.sampled_from(["cat", "dog"])], ids=repr)
def test_a_class_of_the_user_s_shrinks_as_the_user_s_strategy_does(labels: st.SearchStrategy[str]) -> None:
    record = minimal(visionfmt.azure_od_record(labels=labels), lambda r: bool(r["label"]))
    assert record == plain([{**PLAIN_BOX, "label": minimal(labels)}])
