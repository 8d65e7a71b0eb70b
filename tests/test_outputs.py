"""Responses made from a ground truth: as good as stated and as bad, which shapely and a count of our own must find."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from itertools import chain, pairwise
from typing import Any

import pytest
import shapely
from drawing import minimal, sample
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from records import PROFILES, box, outline, record

import pytest_visionfmt as visionfmt
from pytest_visionfmt import check_record
from pytest_visionfmt.format import Profile

OD: Any = visionfmt.azure_od_response
IS: Any = visionfmt.azure_is_response
RESPONSES = {"azure-od": OD, "azure-is": IS}
CLASSES = ["can", "carton", "cup"]
LEAST = 1e-6
CORNERS = ("topX", "topY", "bottomX", "bottomY")

# Boxes that do not overlap: then every way to match predictions and objects finds the same.
APART = st.lists(
    visionfmt.azure_od_record(separate=True, grid=(64, 48), labels=st.sampled_from(CLASSES)), min_size=1, max_size=3
)
# Outlines that cross themselves and have holes, of few points: what shapely makes of them takes time. Lines over each
# other are so exactly, or shapely would see thin faces between them, or none at all.
POINTS = st.lists(st.tuples(*[st.integers(0, 16).map(lambda n: n / 16)] * 2), min_size=3, max_size=7)
OUTLINES = st.lists(POINTS, min_size=1, max_size=2).filter(
    lambda parts: all(len(set(axis)) > 1 for axis in spans(parts))
)
ANY = {
    "azure-od": st.lists(visionfmt.azure_od_record(max_objects=4), max_size=3),
    "azure-is": st.lists(
        st.lists(OUTLINES, max_size=2).map(
            lambda found: record([outline(polygon=[[*chain(*part)] for part in parts]) for parts in found])
        ),
        max_size=2,
    ),
}


def spans(parts: Any) -> list[list[float]]:
    return [[point[axis] for part in parts for point in part] for axis in (0, 1)]


def assert_clean(response: Any, task: str, *profiles: Profile) -> None:
    for profile in profiles or PROFILES:
        assert check_record(response, f"{task}-response", profile=profile) == ()


def objects(value: Any, crowds: bool = False) -> list[dict[str, Any]]:
    """Return the objects of a record, those that are a crowd left out."""
    return [item for item in value["label"] if crowds or item.get("isCrowd", 0) not in (1, True, "true", "True", "1")]


def boxed(value: dict[str, Any]) -> Any:
    left, top, right, bottom = (float(value[key]) for key in CORNERS)
    return shapely.box(left, top, right, bottom)


def region(contours: Sequence[Sequence[float]]) -> Any:
    """Return what contours enclose where those over each other make a hole: shapely finds the faces between them."""
    rings = [shapely.LinearRing(zip(contour[0::2], contour[1::2], strict=True)) for contour in contours]
    lines = shapely.node(shapely.MultiLineString(rings))
    faces = shapely.polygonize([lines]).geoms
    return shapely.union_all([face for face in faces if is_inside(rings, face.representative_point())])


def is_inside(rings: Sequence[Any], point: Any) -> bool:
    """Whether a ray down from a point crosses lines an odd number of times."""
    crossings = 0
    for (x, y), (to_x, to_y) in (side for ring in rings for side in pairwise(ring.coords)):
        if (x > point.x) != (to_x > point.x):
            crossings += y + (to_y - y) * (point.x - x) / (to_x - x) < point.y
    return crossings % 2 == 1


def seen_at(value: dict[str, Any]) -> Any:
    """Return where an object is, of a record or predicted: what its outline encloses, or else its box."""
    return region(value["polygon"]) if "polygon" in value else boxed(value.get("box", value))


def iou(a: Any, b: Any) -> float:
    whole = a.union(b).area
    return float(a.intersection(b).area / whole) if whole else 0.0


def centre(value: dict[str, Any]) -> tuple[float, ...]:
    return tuple(value[key] for key in CORNERS)


# Without noise.


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("task", RESPONSES)
@given(data=st.data())
def test_without_noise_the_prediction_is_the_truth(task: str, profile: Profile, data: st.DataObject) -> None:
    strategy = getattr(visionfmt, f"{task.replace('-', '_')}_record")
    records = data.draw(st.lists(strategy(profile=profile, max_objects=3, labels=st.sampled_from("abc")), max_size=2))
    before = copy.deepcopy(records)
    response = data.draw(RESPONSES[task](ground_truth=records, profile=profile))
    assert records == before
    assert len(response) == len(records)
    for truth, item in zip(records, response, strict=True):
        assert [found["label"] for found in item["boxes"]] == [one["label"] for one in objects(truth)]
        for one, found in zip(objects(truth), item["boxes"], strict=True):
            if task == "azure-is":
                assert found["polygon"] == one["polygon"]
                assert centre(found["box"]) == shapely.MultiPoint(_points(one["polygon"])).bounds
            else:
                assert found["box"] == {key: float(one[key]) for key in CORNERS}
            assert 0.5 < found["score"] <= 1
    assert_clean(response, task, *((profile,) if profile == "reader" else PROFILES))


def _points(contours: Any) -> list[tuple[float, float]]:
    return [pair for c in contours for pair in zip(c[0::2], c[1::2], strict=True)]


TRUTH = [record([box("can"), box("cup", isCrowd=1), box("carton", topX=0, topY=0, bottomX=0.1)]), record([])]
FOUND: dict[str, Any] = {
    "box": {"topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.8},
    "label": "can",
    "score": 1.0,
}
OTHER = {"box": {"topX": 0, "topY": 0, "bottomX": 0.1, "bottomY": 0.8}, "label": "carton", "score": 1.0}
SIMPLEST = [{"boxes": [FOUND, OTHER]}, {"boxes": []}]


def test_what_the_answer_to_a_given_truth_shrinks_to() -> None:
    noise = {"jitter": (0, 0.5), "misses": (0, 2), "extras": (0, 3), "duplicates": (0, 3), "confusion": (0, 2)}
    assert minimal(OD(ground_truth=TRUTH, **noise)) == SIMPLEST
    assert sample(OD(ground_truth=[]), 1) == [[]]
    outlines = [record([outline("can")])]
    (item,) = minimal(IS(ground_truth=outlines, jitter=(0, 0.5), misses=(0, 1)))
    assert item["boxes"] == [{**FOUND, "box": {**FOUND["box"], "topY": 0.1, "bottomX": 0.5, "bottomY": 0.5},
                              "polygon": outline()["polygon"]}]  # fmt: skip


def test_a_bug_shrinks_to_the_least_noise_that_shows_it() -> None:
    found = minimal(OD(ground_truth=TRUTH, misses=(0, 2)), lambda r: len(r[0]["boxes"]) < 2)
    assert found == [{"boxes": [OTHER]}, {"boxes": []}]
    found = minimal(OD(ground_truth=TRUTH, jitter=(0, 0.5)), lambda r: r[0]["boxes"][0]["box"] != FOUND["box"])
    assert found[0]["boxes"][1] == OTHER
    assert iou(boxed(found[0]["boxes"][0]["box"]), boxed(FOUND["box"])) > 0.999


# How far predictions are off.


@pytest.mark.parametrize("task", RESPONSES)
@given(data=st.data())
def test_predictions_share_with_their_objects_what_was_asked(task: str, data: st.DataObject) -> None:
    records = data.draw(ANY[task])
    low = data.draw(st.floats(0, 0.9))
    high = data.draw(st.just(low) | st.floats(low, 0.99))
    response = data.draw(RESPONSES[task](ground_truth=records, jitter=low if low == high else (low, high)))
    for truth, item in zip(records, response, strict=True):
        for one, found in zip(objects(truth), item["boxes"], strict=True):
            there = seen_at(one)
            if there.area < 2 * LEAST:  # below one, nothing is moved; which it is, the last digit decides
                continue
            assert low - 1e-6 <= 1 - iou(there, seen_at(found)) <= high + 1e-6
            if "polygon" in found:
                assert centre(found["box"]) == pytest.approx(shapely.MultiPoint(_points(found["polygon"])).bounds)
    assert_clean(response, task)


def test_what_is_too_small_is_left_as_it_is() -> None:
    small = box("can", bottomX=0.100001, bottomY=0.3)
    flat = outline("can", polygon=[[0.1, 0.1, 0.5, 0.5, 0.3, 0.3]])
    twice = outline("can", polygon=[outline()["polygon"][0]] * 2)  # one takes away what the other encloses
    for response in sample(OD(ground_truth=[record([small])], jitter=0.5), 20):
        assert response[0]["boxes"][0]["box"]["bottomX"] == 0.100001
    for one in (flat, twice):
        for response in sample(IS(ground_truth=[record([one])], jitter=0.5), 20):
            assert response[0]["boxes"][0]["polygon"] == one["polygon"]


def test_a_box_is_moved_in_every_direction() -> None:
    middle = {"topX": 0.4, "topY": 0.4, "bottomX": 0.6, "bottomY": 0.6}
    seen = {tuple((b > a) - (b < a) for a, b in zip(centre(middle), centre(found["boxes"][0]["box"]), strict=True))
            for found, in sample(OD(ground_truth=[record([box(**middle)])], jitter=0.3), 100)}  # fmt: skip
    assert seen == {(0, 0, -1, 0), (0, 0, 0, -1), (1, 0, 0, 0), (0, 1, 0, 0), (1, 1, -1, -1), (0, 0, 1, 0),
                    (0, 0, 0, 1), (1, 0, 1, 0), (0, 1, 0, 1)}  # fmt: skip


@given(APART, st.floats(0.01, 0.99), st.data())
def test_a_prediction_overlaps_no_other_object_more_than_its_own_does(
    records: Any, jitter: float, data: st.DataObject
) -> None:
    response = data.draw(OD(ground_truth=records, jitter=jitter))
    for truth, item in zip(records, response, strict=True):
        for one, found in zip(objects(truth), item["boxes"], strict=True):
            for another in objects(truth, crowds=True):
                if another is not one:
                    assert boxed(found["box"]).intersection(boxed(another)).area < 1e-12


# How many.


def matches(truth: Any, item: Any, least: float, by_class: bool) -> tuple[int, int, int]:
    """Count matches, objects missed and predictions of nothing as a plain evaluation does, the best score first."""
    left = [(one["label"], seen_at(one)) for one in objects(truth)]
    found = wrong = 0
    for prediction in sorted(item["boxes"], key=lambda found: -found["score"]):
        where = seen_at(prediction)
        scored = [(iou(where, there), k) for k, (label, there) in enumerate(left)
                  if not by_class or label == prediction["label"]]  # fmt: skip
        best, k = max(scored, default=(0.0, 0))
        if best >= least:
            del left[k]
            found += 1
        else:
            wrong += 1
    return found, len(left), wrong


@given(APART, st.data())
def test_an_evaluation_counts_what_was_asked(records: Any, data: st.DataObject) -> None:
    total = sum(len(objects(value)) for value in records)
    misses = data.draw(st.integers(0, total))
    confusion = data.draw(st.integers(0, total - misses))
    duplicates = data.draw(st.integers(0, 3 if total > misses else 0))
    extras = data.draw(st.integers(0, 4))
    noise = {"misses": misses, "confusion": confusion, "duplicates": duplicates, "extras": extras}
    labels = st.sampled_from(CLASSES)
    response = data.draw(OD(ground_truth=records, jitter=0.4, labels=labels, **noise))
    assert_clean(response, "azure-od")

    def counted(by_class: bool) -> tuple[int, ...]:
        each = [matches(*pair, 0.59, by_class) for pair in zip(records, response, strict=True)]
        return tuple(map(sum, zip(*each, strict=True)))

    found = total - misses
    assert counted(by_class=False) == (found, misses, duplicates + extras)
    assert counted(by_class=True) == (found - confusion, misses + confusion, confusion + duplicates + extras)


@given(APART, st.data())
def test_bounds_of_an_amount_hold_and_are_reached(records: Any, data: st.DataObject) -> None:
    total = sum(len(objects(value)) for value in records)
    least = data.draw(st.integers(0, total))
    most = data.draw(st.integers(least, total + 2))
    response = data.draw(OD(ground_truth=records, misses=(least, most)))
    assert least <= total - sum(len(item["boxes"]) for item in response) <= min(most, total)


def test_every_number_within_bounds_is_drawn_and_every_object_is_missed() -> None:
    three = [record([box("can", topX=k / 10, bottomX=(k + 1) / 10) for k in range(3)])]
    drawn = [tuple(one["box"]["topX"] for one in r[0]["boxes"])
             for r in sample(OD(ground_truth=three, misses=(0, 2)), 100)]  # fmt: skip
    assert {len(found) for found in drawn} == {1, 2, 3}
    assert len(set(drawn)) == 7


@pytest.mark.parametrize("task", RESPONSES)
@given(data=st.data())
def test_what_is_extra_is_apart_from_all_objects_crowds_included(task: str, data: st.DataObject) -> None:
    records = [*data.draw(ANY[task]), record([])]
    total = sum(len(objects(value)) for value in records)
    extras = data.draw(st.integers(0, 4))
    response = data.draw(RESPONSES[task](ground_truth=records, misses=total, extras=extras))
    assert sum(len(item["boxes"]) for item in response) == extras
    for truth, item in zip(records, response, strict=True):
        for found in item["boxes"]:
            for one in objects(truth, crowds=True):
                assert iou(seen_at(found), seen_at(one)) <= 0.1 + 1e-9
                around = boxed(one) if task == "azure-od" else shapely.MultiPoint(_points(one["polygon"])).envelope
                assert iou(boxed(found["box"]), around) <= 0.1 + 1e-9
    assert_clean(response, task)


def test_what_is_extra_differs_in_place_and_size_and_is_at_most_a_tenth_of_what_is_around() -> None:
    whole = box(topX=0, topY=0, bottomX=1, bottomY=1)
    for around, number in ((whole, 8), (box(), 30)):
        drawn = [i["boxes"][0]["box"] for (i,) in sample(OD(ground_truth=[record([around])], misses=1, extras=1), 100)]
        assert len({centre(one) for one in drawn}) >= number
        assert max(iou(boxed(one), boxed(around)) for one in drawn) <= 0.1


def test_a_crowd_is_neither_found_nor_missed() -> None:
    crowd = [record([box("can", isCrowd=True), box("can", isCrowd="true")])]
    for noise in ({}, {"misses": (0, 2)}, {"confusion": (0, 2)}, {"duplicates": (0, 2)}):
        assert sample(OD(ground_truth=crowd, **noise), 20) == [[{"boxes": []}]] * 20


# As what.


def labels(response: Any) -> list[Any]:
    return [found["label"] for item in response for found in item["boxes"]]


@pytest.mark.parametrize("task", RESPONSES)
def test_confused_objects_are_of_another_class_of_the_truth(task: str) -> None:
    three = [record([(box if task == "azure-od" else outline)(label) for label in CLASSES])]
    drawn = [labels(r) for r in sample(RESPONSES[task](ground_truth=three, confusion=1, duplicates=1), 100)]
    for found in drawn:
        assert sum(a != b for a, b in zip(found, CLASSES, strict=False)) == 1
        assert found[3] in found[:3]
        assert set(found) <= set(CLASSES)
    assert len({tuple(found[:3]) for found in drawn}) == 6


def test_a_mapping_says_what_is_taken_for_what() -> None:
    three = [record([box(label) for label in CLASSES])]
    for response in sample(OD(ground_truth=three, confusion={"can": "cup", "cup": "dog"}, duplicates=2), 50):
        assert labels(response)[:3] == ["cup", "carton", "dog"]
        assert response[0]["boxes"][0]["score"] < 0.5 < response[0]["boxes"][1]["score"]


def test_other_classes_come_from_the_labels_given() -> None:
    one = [record([box("can")])]
    for response in sample(OD(ground_truth=one, labels=st.sampled_from(["can", "dog"]), confusion=1, extras=2), 50):
        assert labels(response)[0] == "dog"
        assert set(labels(response)[1:]) <= {"can", "dog"}
    assert labels(sample(OD(ground_truth=one, extras=1, misses=1), 1)[0]) == ["can"]
    assert labels(sample(OD(ground_truth=[record([])], extras=1), 1)[0]) == ["a"]


# How it scores.

RANKED: list[tuple[str, Callable[[list[float], list[float]], bool]]] = [
    ("best", lambda right, wrong: min(right) > 0.5 > max(wrong)),
    ("worst", lambda right, wrong: max(right) < 0.5 < min(wrong)),
    ("tied", lambda right, wrong: len({*right, *wrong}) == 1),
    ("any", lambda right, wrong: True),
]


@pytest.mark.parametrize(("ranking", "holds"), RANKED, ids=[row[0] for row in RANKED])
def test_right_predictions_rank_beside_all_else_as_asked(
    ranking: str, holds: Callable[[list[float], list[float]], bool]
) -> None:
    noise = {"extras": 2, "duplicates": 1, "confusion": 1, "ranking": ranking}
    ranks: set[int] = set()
    for response in sample(OD(ground_truth=TRUTH, **noise), 100):
        found = [one for item in response for one in item["boxes"]]
        right = [k for k, label in enumerate(("can", "carton")) if found[k]["label"] == label]
        scores = [[one["score"] for k, one in enumerate(found) if (k in right) is wanted] for wanted in (True, False)]
        assert list(map(len, scores)) == [1, 4]
        assert holds(*scores)
        ranks.add(sum(score > scores[0][0] for score in scores[1]))
    assert ranks == {"best": {0}, "tied": {0}, "worst": {4}, "any": {0, 1, 2, 3, 4}}[ranking]


# Arguments that are wrong, or contradict each other.

ONE, TWO = [record([box("can")])], [record([box("can"), box("cup")])]
WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: OD(misses=1), "misses=1 says how predictions differ from ground_truth, which is not given"),
    (lambda: IS(ranking="worst"), "ranking='worst' says how predictions differ from ground_truth, which is not"),
    (lambda: OD(ground_truth=ONE, misses=2), "misses=2, and ground_truth has 1 objects that are no crowds"),
    (lambda: OD(ground_truth=ONE, misses=(0, 3.0)), r"misses=\(0, 3.0\) is no integer from 0 on, nor a pair of them"),
    (lambda: OD(ground_truth=ONE, extras=True), "extras=True is no integer from 0 on, nor a pair of them"),
    (lambda: OD(ground_truth=ONE, duplicates=-1), "duplicates=-1 is no integer from 0 on"),
    (lambda: OD(ground_truth=ONE, confusion="can"), "confusion='can' is no integer .*, nor a mapping of classes"),
    (lambda: OD(ground_truth=ONE, misses=(2, 1)), r"misses=\(2, 1\): 2 is larger than 1"),
    (lambda: OD(ground_truth=ONE, jitter=1), "jitter=1 is no number from 0 to 0.99, nor a pair of them"),
    (lambda: OD(ground_truth=ONE, jitter=(0.1, 0.2, 0.3)), r"jitter=\(0.1, 0.2, 0.3\) is no number"),
    (lambda: OD(ground_truth=ONE, jitter=(0.2, 0.1)), r"jitter=\(0.2, 0.1\): 0.2 is larger than 0.1"),
    (lambda: OD(ground_truth=ONE, ranking="good"), "ranking='good' is none of 'best', 'worst', 'any', 'tied'"),
    (
        lambda: OD(ground_truth=ONE, misses=1, duplicates=1),
        "duplicates=1 needs 1 found, and misses=1 leaves 0 of 1 obj",
    ),
    (lambda: OD(ground_truth=TWO, misses=1, confusion=2), "confusion=2 needs 2 found, and misses=1 leaves 1 of 2 obj"),
    (lambda: OD(ground_truth=ONE, confusion=1), "confusion=1, and ground_truth has the class 'can' alone; labels= "),
    (lambda: OD(ground_truth=[], extras=1), "extras=1, and ground_truth has no image to have them"),
    (lambda: OD(ground_truth=ONE, max_images=2), "max_images=2 bounds how many are drawn, and ground_truth says how"),
    (lambda: IS(ground_truth=[], max_objects=4), "max_objects=4 bounds how many are drawn, and ground_truth says"),
    (lambda: OD(ground_truth="records.jsonl"), "ground_truth='records.jsonl' is neither a list of records nor a strat"),
    (lambda: OD(ground_truth=ONE[0]), "ground_truth={.*} is neither a list of records nor a strategy of such lists"),
    (lambda: OD(ground_truth=[{"label": []}]), r"ground_truth\[0\] is no azure-od-record: \$.image_url: the key"),
    (
        lambda: OD(ground_truth=[*ONE, record([box(bottomX=0.1)])]),
        r"label\[0\] of ground_truth\[1\] has no corners in order",
    ),
    (lambda: IS(ground_truth=[record([outline(polygon=[[0, 0, 1, 0.5]])])]), "no outline of contours of three points"),
    (lambda: IS(ground_truth=ONE), r"label\[0\] of ground_truth\[0\] has no outline of contours of three points"),
    (lambda: OD(ground_truth=[record([box(3)])]), "the class 3, which profile='documented' does not take"),
    (lambda: OD(ground_truth=ONE, confusion={"can": 3}), "the class 3, which profile='documented' does not take"),
    (
        lambda: OD(ground_truth=[record([box(3), box("a")])], profile="reader"),
        r"has the classes \[3, 'a'\], neither all",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(make: Callable[[], Any], message: str) -> None:
    strategy = make()
    with pytest.raises(InvalidArgument, match=message):
        sample(strategy, 1)


def test_integer_classes_are_for_the_reader() -> None:
    (response,) = sample(OD(ground_truth=[record([box(3)])], profile="reader"), 1)
    assert labels(response) == [3]
    assert check_record(response, "azure-od-response", profile="reader") == ()
