"""Scores made from a ground truth, and responses made for a request: as stated, and as the request asks."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from io import BytesIO
from math import fsum
from typing import Any

import pytest
from drawing import Same, minimal, sample
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from PIL import Image
from records import PROFILES, record

import pytest_visionfmt as visionfmt
from pytest_visionfmt import Severity, check_exchange, check_record
from pytest_visionfmt.draws.azure_explanations import visualizations
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats.azure_exchange import TASKS
from pytest_visionfmt.outputs.classes import Question, scores_of_many, scores_of_one
from pytest_visionfmt.outputs.noise import noise_of
from pytest_visionfmt.value_decoders import Drawing

ONE: Any = visionfmt.azure_multiclass_response
MANY: Any = visionfmt.azure_multilabel_response
ONE_XAI: Any = visionfmt.azure_multiclass_xai_response
MANY_XAI: Any = visionfmt.azure_multilabel_xai_response
OF_ONE, OF_MANY, *_ = TASKS
CLASSES = ["can", "carton", "cup", "dog"]
KEYS = ("visualizations", "attributions")
SINGLE = st.lists(visionfmt.azure_multiclass_record(labels=st.sampled_from(CLASSES)), max_size=4)
SEVERAL = st.lists(visionfmt.azure_multilabel_record(max_labels=4, labels=st.sampled_from(CLASSES)), max_size=4)


def assert_clean(response: Any, format_id: str) -> None:
    for profile in PROFILES:
        assert check_record(response, format_id, profile=profile) == ()


def highest(item: dict[str, Any]) -> list[Any]:
    """Return the classes of the highest score."""
    return [label for label, prob in zip(item["labels"], item["probs"], strict=True) if prob == max(item["probs"])]


# One class an image.


@pytest.mark.parametrize(("strategy", "format_id"), [(ONE, "azure-multiclass-response"),
                                                     (ONE_XAI, "azure-multiclass-xai-response")])  # fmt: skip
@given(records=SINGLE, data=st.data())
def test_the_class_of_the_truth_has_the_highest_score_but_for_the_confused(
    strategy: Any, format_id: str, records: Any, data: st.DataObject
) -> None:
    confusion, ties = data.draw(st.integers(0, len(records))), data.draw(st.integers(0, len(records)))
    response = data.draw(strategy(ground_truth=records, classes=CLASSES, confusion=confusion, ties=ties))
    tops = list(map(highest, response))
    assert sorted(map(len, tops)) == [1] * (len(records) - ties) + [2] * ties
    if not ties:
        assert sum(top != [value["label"]] for top, value in zip(tops, records, strict=True)) == confusion
    if not confusion:
        assert all(value["label"] in top for top, value in zip(tops, records, strict=True))
    assert all(abs(fsum(item["probs"]) - 1) < 1e-9 and item["labels"] == CLASSES for item in response)
    assert_clean(response, format_id)


def test_the_classes_are_those_of_the_truth() -> None:
    truth = [record("cup"), record("can")]
    assert minimal(ONE(ground_truth=truth)) == [
        {"probs": [0.0, 1.0], "labels": ["can", "cup"]}, {"probs": [1.0, 0.0], "labels": ["can", "cup"]},
    ]  # fmt: skip
    for response in sample(ONE(ground_truth=truth, confusion={"can": "dog"}), 20):
        assert list(map(highest, response)) == [["cup"], ["dog"]]
    assert sample(ONE(ground_truth=[]), 1) == [[]]


def test_confused_and_tied_images_and_classes_vary() -> None:
    truth = [record("can"), record("cup")]
    drawn = sample(ONE(ground_truth=truth, classes=CLASSES, confusion=(0, 1), ties=(0, 1)), 100)
    seen = {(tuple(highest(a)), tuple(highest(b))) for a, b in drawn}
    assert {a for a, _ in seen} >= {(label,) for label in CLASSES}
    assert (("can",), ("cup",)) in seen
    assert any(len(a) == 2 for a, _ in seen)
    assert any(len(b) == 2 for _, b in seen)


def test_at_the_very_end_of_their_ranges_scores_are_still_apart() -> None:
    ends = Drawing(lambda strategy: None, Same(255))
    question = Question([["a"]], ("a", "b"), (0.0, 1.0), 1 - 2.0**-53)
    ((first, second),) = scores_of_one(question, noise_of([]), ends)
    assert first > second
    ((first, second),) = scores_of_many(question, noise_of([]), ends)
    assert first > question.threshold > second


# Several classes an image.


@pytest.mark.parametrize(("strategy", "format_id"), [(MANY, "azure-multilabel-response"),
                                                     (MANY_XAI, "azure-multilabel-xai-response")])  # fmt: skip
@given(records=SEVERAL, threshold=st.floats(0.01, 0.99), data=st.data())
def test_the_classes_of_the_truth_score_above_the_threshold_and_others_below_but_for_the_noise(
    strategy: Any, format_id: str, records: Any, threshold: float, data: st.DataObject
) -> None:
    truth = [set(value["label"]) for value in records]
    classes = [*CLASSES, "emu"]
    able = sum(min(len(labels), len(classes) - len(labels)) for labels in truth)
    confusion = data.draw(st.integers(0, able))
    misses = data.draw(st.integers(0, sum(map(len, truth)) - confusion))
    extras = data.draw(st.integers(0, sum(len(classes) - len(labels) for labels in truth) - confusion))
    noise = {"confusion": confusion, "misses": misses, "extras": extras}
    response = data.draw(strategy(ground_truth=records, classes=classes, threshold=threshold, **noise))
    assert all(item["labels"] == classes and threshold not in item["probs"] for item in response)
    above = [{label for label, prob in zip(item["labels"], item["probs"], strict=True) if prob > threshold}
             for item in response]  # fmt: skip
    missed = [labels - found for labels, found in zip(truth, above, strict=True)]
    more = [found - labels for labels, found in zip(truth, above, strict=True)]
    assert sum(map(len, missed)) == confusion + misses
    assert sum(map(len, more)) == confusion + extras
    if not misses and not extras:
        assert list(map(len, missed)) == list(map(len, more))
    if "xai" in format_id:
        for item, found in zip(response, above, strict=True):
            assert all(len(item[key] or []) == len(found) for key in KEYS if key in item)
    assert_clean(response, format_id)


def test_scores_of_several_classes_shrink_to_1_and_0() -> None:
    truth = [record(["cup", "can"]), record([])]
    plain = [{"probs": [1.0, 1.0], "labels": ["can", "cup"]}, {"probs": [0.0, 0.0], "labels": ["can", "cup"]}]
    assert minimal(MANY(ground_truth=truth, misses=(0, 2), extras=(0, 2), confusion=(0, 0))) == plain
    one_missed = [{"probs": [0.0, 1.0], "labels": ["can", "cup"]}, plain[1]]
    assert minimal(MANY(ground_truth=truth, misses=(0, 2)), lambda r: r[0]["probs"][0] < 0.5) == one_missed
    for response in sample(MANY(ground_truth=truth, confusion={"can": "dog"}), 20):
        assert [prob > 0.5 for prob in response[0]["probs"]] == [False, True, True]
    noise: dict[str, Any] = {"classes": ["can", "cup", "dog", "emu"], "confusion": {"can": "dog"}, "extras": 1}
    for response in sample(MANY(ground_truth=truth[:1], **noise), 20):
        assert [prob > 0.5 for prob in response[0]["probs"]] == [False, True, True, True]
    assert sample(MANY(ground_truth=[record([])]), 1)[0][0]["labels"] == ["a"]


# What was asked.


def decoded_size(text: str) -> tuple[int, int]:
    with Image.open(BytesIO(base64.b64decode(text, validate=True))) as image:
        image.load()
        assert image.format == "PNG"
        return image.size


def minded(request: Any, response: Any, task: str, profile: Profile, classes: Any = None) -> list[Any]:
    found = check_exchange(request, response, task=task, profile=profile, classes=classes)
    return [finding for finding in found if finding.severity is not Severity.NOTE]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("task", TASKS)
@given(data=st.data())
def test_a_pair_fits_and_what_it_explains_are_images_and_squares(
    task: str, profile: Profile, data: st.DataObject
) -> None:
    request, response = data.draw(visionfmt.azure_exchange(task=task, profile=profile))
    for judge in PROFILES if profile == "documented" else (profile,):
        assert minded(request, response, task, judge) == []
    of_classes = task.endswith("multilabel")
    for item in response:
        for key in KEYS:
            found = item.get(key)
            for one in [found] if not of_classes else found or []:
                if key == "visualizations" and one is not None:
                    assert min(decoded_size(one)) >= 1
                elif one is not None:
                    assert len(one) == 3
                    assert {len(row) for channel in one for row in channel} == {len(channel) for channel in one}


@pytest.mark.parametrize("task", [OF_ONE, OF_MANY])
def test_pairs_explain_nothing_one_thing_and_both(task: str) -> None:
    drawn = sample(visionfmt.azure_exchange(task=task), 150)
    seen = {frozenset(KEYS) & frozenset(response[0]) for _, response in drawn}
    assert seen == {frozenset(), frozenset(KEYS[:1]), frozenset(KEYS[1:]), frozenset(KEYS)}
    assert {len(response) for _, response in drawn} == {1, 2, 3}
    explained = sample(visionfmt.azure_exchange(task=task, model_explainability=True), 20)
    plain = sample(visionfmt.azure_exchange(task=task, model_explainability=False), 20)
    assert all("model_explainability" in str(request) for request, _ in explained)
    assert not any(frozenset(KEYS) & frozenset(response[0]) for _, response in plain)
    assert {"model_explainability" in str(request) for request, _ in plain} == {True, False}


def test_what_pairs_shrink_to() -> None:
    request, response = minimal(visionfmt.azure_exchange(task=OF_ONE))
    assert request["input_data"].keys() == {"columns", "data"}
    assert [decoded_size(text) for text in request["input_data"]["data"]] == [(1, 1)]
    assert response == [{"probs": [1.0], "labels": ["a"]}]


@given(st.data())
def test_a_pair_has_the_classes_the_images_and_the_size_asked_for(data: st.DataObject) -> None:
    task = data.draw(st.sampled_from(list(TASKS)))
    images = data.draw(st.integers(1, 4))
    request, response = data.draw(
        visionfmt.azure_exchange(
            task=task, min_images=images, max_images=images, classes=CLASSES, attribution_size=5,
            image_sizes=st.just((7, 3)), model_explainability=True,
        )
    )  # fmt: skip
    assert len(response) == len(request["input_data"]["data"]) == images
    assert minded(request, response, task, "documented", CLASSES) == []
    found = [box["label"] for item in response for box in item.get("boxes", [])]
    assert set(found) <= set(CLASSES)
    assert all(item["labels"] == CLASSES for item in response if "labels" in item)
    squares = [item["attributions"] for item in response if task == "image_classification" and "attributions" in item]
    assert all(len(channel) == 5 for square in squares for channel in square)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("strategy", "task"), [(ONE_XAI, "image_classification"),
                                                (MANY_XAI, "image_classification_multilabel")])  # fmt: skip
@given(data=st.data())
def test_a_response_answers_the_request_given(strategy: Any, task: str, profile: Profile, data: st.DataObject) -> None:
    request = data.draw(visionfmt.azure_xai_request(profile=profile))
    response = data.draw(strategy(request=request, profile=profile))
    assert minded(request, response, task, profile) == []


NO_IMAGE = base64.b64encode(b"no image at all").decode()
REQUEST = {"input_data": {"columns": ["image"], "data": [
    json.dumps({"image_base64": NO_IMAGE, "model_explainability": True, "xai_parameters": {"attributions": True}})
]}}  # fmt: skip


def test_a_truth_is_explained_as_the_request_asks() -> None:
    parameters = {"confidence_score_threshold_multilabel": 0.8}
    row = {"image_base64": visualizations()[0], "model_explainability": True, "xai_parameters": parameters}
    request = {"input_data": {"columns": ["image"], "data": [json.dumps(row)]}}
    for response in sample(MANY_XAI(request=st.just(request), ground_truth=[record(["can", "cup"])], misses=1), 30):
        (item,) = response
        assert sorted(prob > 0.8 for prob in item["probs"]) == [False, True]
        assert len(item["visualizations"]) == 1
        assert "attributions" not in item
        assert minded(request, response, "image_classification_multilabel", "documented") == []


def test_an_image_that_cannot_be_decoded_gets_no_answer() -> None:
    assert sample(ONE_XAI(request=REQUEST), 1) == [[]]


WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: ONE(confusion=1), "confusion=1 says how predictions differ from ground_truth, which is not given"),
    (lambda: MANY(threshold=0.4), "threshold=0.4 is between the scores of ground_truth, which is not given"),
    (lambda: ONE(ground_truth=[record("a")], confusion=2), "confusion=2, and ground_truth has 1 images"),
    (lambda: ONE(ground_truth=[record("a")], ties=1), "ties=1 needs a second class beside 'a'; classes= gives more"),
    (lambda: ONE(ground_truth=[record("a")], classes=["b"]), r"has the class 'a', which is none of classes=\['b'\]"),
    (lambda: ONE(ground_truth=[record("a")], labels=st.text()), "labels=.* says which classes there are, and so does"),
    (lambda: ONE(ground_truth=[record("a")], max_images=2), "and max_images=2 are beside ground_truth, whi"),
    (lambda: ONE(ground_truth=[record("a"), record(1)]), "ground_truth has the class 1, which profile="),
    (lambda: ONE(ground_truth=[record(["a"])]), r"ground_truth\[0\] is no azure-multiclass-record"),
    (lambda: MANY(ground_truth=[record("a")]), r"ground_truth\[0\] is no azure-multilabel-record"),
    (lambda: MANY(ground_truth=[record([])], threshold=1), "threshold=1, and ground_truth needs one between 0 and 1"),
    (lambda: MANY(ground_truth=[record(["a"])], misses=2), "misses=2, and the images of ground_truth have 1 classes"),
    (lambda: MANY(ground_truth=[record(["a"])], extras=1), "extras=1, and the images of ground_truth lack 0 classes"),
    (lambda: MANY(ground_truth=[record(["a"])], confusion=1), "confusion=1, and of ground_truth 0 classes of"),
    (
        lambda: MANY(ground_truth=[record(["a"])], classes=["a", "b"], misses=1, confusion=1),
        "misses=1 beside confusion=1, and the images of ground_truth have 1 classes",
    ),
    (lambda: MANY_XAI(request=REQUEST, threshold=0.4), "threshold=0.4 says what request says"),
    (lambda: MANY_XAI(request=REQUEST, max_images=2), "min_images=1 and max_images=2 are beside request, which has 0"),
    (lambda: MANY_XAI(request={}), "request={} is none that the service can read"),
    (lambda: MANY_XAI(request=REQUEST, ground_truth=[record([])]), "ground_truth has 1 records, and request asks"),
    (lambda: visionfmt.azure_exchange(task="ocr"), "task='ocr' is none of 'image_classification', "),
    (lambda: visionfmt.azure_exchange(task=OF_ONE, min_images=0), "min_images=0 is less than 1"),
    (lambda: visionfmt.azure_exchange(task=OF_ONE, attribution_size=0), "attribution_size=0 is not a positive"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(make: Callable[[], Any], message: str) -> None:
    strategy = make()
    with pytest.raises(InvalidArgument, match=message):
        sample(strategy, 1)
