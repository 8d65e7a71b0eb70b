"""Assertions: what they let pass, and in which words they fail."""

from __future__ import annotations

import copy
import re
import sys
from itertools import permutations
from typing import Any

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from records import box, outline, record
from test_architecture import HEAVY, loaded_by
from test_exchange import request, seen

from pytest_visionfmt import (
    COCO,
    TABLE,
    AnnotatedImage,
    AnnotatedObject,
    AnnotationsDiffer,
    Format,
    InvalidRecord,
    assert_exchange,
    assert_predictions_close,
    assert_same_annotations,
    azure_is_record,
    azure_od_record,
    px,
    read,
)
from pytest_visionfmt import record as record_of
from pytest_visionfmt.annotation_diffs import equality_lines
from pytest_visionfmt.geometry import outline_overlap
from pytest_visionfmt.plugin_assertions import MARKS, pytest_assertrepr_compare

OD, IS = "azure-od-record", "azure-is-record"
SIZED: dict[str, Any] = {"image_details": {"width": 640, "height": 480}}
READ = [format_.id for format_ in TABLE.values() if format_.read]


def od(*boxes: Any, **more: Any) -> dict[str, Any]:
    return record(list(boxes), **{**SIZED, **more})


def found(label: Any = "can", score: float = 0.9, polygon: Any = None, **corners: float) -> dict[str, Any]:
    place = {"topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.8, **corners}
    return {"box": place, "label": label, "score": score, **({} if polygon is None else {"polygon": polygon})}


def answer(*objects: Any) -> list[Any]:
    return [{"boxes": list(objects)}]


def scores(**of: float) -> list[Any]:
    return [{"labels": list(of), "probs": list(of.values())}]


def lines(assertion: Any, *arguments: Any, **options: Any) -> list[str]:
    """Return the differences that an assertion fails with, nothing where it does not fail."""
    try:
        assertion(*arguments, **options)
    except AnnotationsDiffer as error:
        return list(error.differences)
    return []


# The same annotations.

CAN = box()
DIFFERENT: dict[str, tuple[Any, Any, list[str]]] = {
    "a corner": (
        od(box(), box(), CAN),
        od(box(), box(), box(topX=0.104)),
        ["object 2 'can': topX 0.100 -> 0.104, 2.6 px of 640; IoU 0.99"],
    ),
    "two corners": (
        od(box(topX=0.5)),
        od(box(topX=0.504, bottomY=0.9)),
        ["object 0 'can': topX 0.500 -> 0.504, 2.6 px of 640; bottomY 0.800 -> 0.900, 48 px of 480; IoU 0.83"],
    ),
    "a corner of an image without a size": (
        record([CAN]),
        record([box(topX=0.1004)]),
        ["object 0 'can': topX 0.1000 -> 0.1004; IoU 1.00"],
    ),
    "a class": (od(CAN), od(box("carton")), ["object 0 'can' -> 'carton'"]),
    "a class of another type": (record("1"), record(1), ["class '1' -> 1"]),
    "a class elsewhere": (od(CAN), od(box("carton", topX=0.35)), ["object 0 'can' -> 'carton'; IoU 0.50"]),
    "one that is missing": (od(CAN, box("b", topX=0)), od(box("b", topX=0)), ["object 0 'can' is missing"]),
    "one more": (od(CAN), od(box("b", topX=0), CAN), ["object 0 'b' is extra"]),
    "one that moved in the order": (
        od(CAN, box("b")),
        od(box("b"), box(topX=0.2)),
        ["object 0 -> 1 'can': topX 0.100 -> 0.200, 64 px of 640; IoU 0.80"],
    ),
    "a crowd": (od(box(isCrowd=1)), od(CAN), ["object 0 'can': crowd True -> False"]),
    "a size": (
        od(),
        od(image_details={"width": "641px", "format": "png"}),
        ["width 640 -> 641", "height 480 -> none", "type 'jpg' -> 'png'"],
    ),
    "a name": (
        {**od(), "image_url": "https://h/c/a.jpg"},
        {**od(), "image_url": "https://h/c/b.jpg"},
        ["name 'https://h/c/a.jpg' -> 'https://h/c/b.jpg'"],
    ),
    "classes of an image": (
        record(["a", "b"]),
        record(["c", "b", "d"]),
        ["class 'a' -> 'c'", "class 'd' is extra"],
    ),
    "a point": (
        record([outline()], **SIZED),
        record([outline(polygon=[[0.5, 0.1, 0.5, 0.52, 0.1, 0.1]])], **SIZED),
        ["object 0 'can': polygon 0 point 2: y 0.500 -> 0.520, 9.6 px of 480; IoU 0.95"],
    ),
    "several points": (
        record([outline()]),
        record([outline(polygon=[[0.12, 0.1, 0.53, 0.1, 0.5, 0.5]])]),
        ["object 0 'can': polygon 0 point 1: x 0.500 -> 0.530 (and 1 more point); IoU 0.88"],
    ),
    "a point more": (
        record([outline()]),
        record([outline(polygon=[[0.1, 0.1, 0.5, 0.1, 0.5, 0.5, 0.3, 0.3]])]),
        ["object 0 'can': polygon 0 of 3 points -> 4; IoU 1.00"],
    ),
    "a polygon more": (
        record([outline()]),
        record([outline(polygon=[[0.1, 0.1, 0.5, 0.1, 0.5, 0.5], [0.9, 0.9, 0.9, 0.8, 0.8, 0.8]])]),
        ["object 0 'can': outline of 1 polygon -> of 2 polygons; IoU 0.94"],
    ),
    "the order of images with other names": (
        [record([CAN], "1.jpg"), record([], "2.jpg"), record([CAN], "a/3.jpg"), record([CAN], f"{'b' * 70}.jpg")],
        [record([box(topX=0.2)], "a/3.jpg"), record([CAN], "4.jpg"), record([CAN], "1.jpg")],
        [
            "'image_data/2.jpg' is missing, with 0 objects",
            f"'…{'b' * 56}.jpg' is missing, with 1 object",
            "'image_data/a/3.jpg': object 0 'can': topX 0.100 -> 0.200; IoU 0.80",
            "'image_data/4.jpg' is extra, with 1 object",
        ],
    ),
    "names that do not tell which is which": (
        [AnnotatedImage("a/1.jpg"), AnnotatedImage("b/1.jpg")],
        [AnnotatedImage("1.jpg")],
        ["names collide: ['1.jpg'] could be any of ['a/1.jpg', 'b/1.jpg']"],
    ),
    "images without names": (
        [AnnotatedImage(objects=(AnnotatedObject("a"),)), AnnotatedImage(), AnnotatedImage()],
        [AnnotatedImage(objects=(AnnotatedObject("b"),)), AnnotatedImage()],
        ["image 0: class 'a' -> 'b'", "image 2 is missing, with 0 objects"],
    ),
    "what only the second has": (
        AnnotatedImage(objects=(AnnotatedObject("a", (0, 0, 1, 1)), AnnotatedObject("b"))),
        AnnotatedImage(
            objects=(
                AnnotatedObject("a", (0, 0, 1, 1), ((0, 0, 1, 0, 1, 1),), score=0.5),
                AnnotatedObject("b", (0, 0, 0.5, 1)),
            )
        ),
        [
            "object 0 'a': outline none -> of 1 polygon; score none -> 0.5",
            "class 'b': box none -> (0.000, 0.000, 0.500, 1.000)",
        ],
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_annotations_that_differ_are_said_in_words(name: str) -> None:
    a, b, wanted = DIFFERENT[name]
    assert lines(assert_same_annotations, a, b) == wanted
    assert len(lines(assert_same_annotations, b, a)) == len(wanted)


SAME: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "objects in another order": (od(CAN, box("b"), box(topX=0)), od(box(topX=0), CAN, box("b")), {}),
    "a corner within the tolerance": (od(CAN), od(box(topX=0.1007)), {"tolerance": px(0.5)}),
    "a corner within the tolerance of no size": (record([CAN]), record([box(topX=0.1004)]), {"tolerance": px(0.5)}),
    "a polygon begun elsewhere": (
        record([outline()]), record([outline(polygon=[[0.5, 0.5, 0.5, 0.1, 0.1, 0.1]])]), {},
    ),
    "sizes spelt otherwise": (od(CAN), od(CAN, image_details={"width": "640px", "height": "480"}), {}),
    "a record and what it shows": (od(CAN), read(od(CAN), OD), {}),
    "a record and a list of it": (od(CAN), [od(CAN)], {}),
    "names in another folder": (
        [record([CAN], "a/1.jpg"), record([], "a/2.jpg")], [record([], "2.jpg"), record([CAN], "1.jpg")],
        {"losses": {"folders"}},
    ),
    "names that do not tell which is which": (
        [record([CAN], "a/1.jpg"), record([box("b")], "b/1.jpg")],
        [record([box("b")], "c/1.jpg"), record([CAN], "d/1.jpg")],
        {"losses": {"folders"}},
    ),
    "a record and a response": (record([CAN]), answer(found()), {"losses": {"size"}}),
    "boxes and outlines": (
        record([outline()]), record([box(topX=0.1, topY=0.1, bottomX=0.5, bottomY=0.5)]), {},
    ),
    "a size that may be lost": (od(CAN), record([CAN]), {"losses": {"size"}}),
    "two records of one image": ([record([CAN]), record([])], [record([CAN]), record([])], {}),
    "no images": ([], [], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_annotations_that_are_the_same_pass(name: str) -> None:
    a, b, options = SAME[name]
    assert_same_annotations(a, b, **options)
    assert_same_annotations(b, a, **options)


def test_a_crowd_that_may_be_lost_is_not_missed_and_others_keep_their_numbers() -> None:
    before = od(box("b", isCrowd=1), CAN, box("b", topX=0))
    assert_same_annotations(before, od(CAN, box("b", topX=0)), losses={"crowd"})
    assert_same_annotations(before, od(CAN, box("b", topX=0), box("b")), losses={"crowd"})
    assert lines(assert_same_annotations, before, od(box(topX=0.2)), losses={"crowd"}) == [
        "object 1 -> 0 'can': topX 0.100 -> 0.200, 64 px of 640; IoU 0.80",
        "object 2 'b' is missing",
    ]


def test_records_are_compared_with_those_of_another_format() -> None:
    coco = {
        "images": [{"id": 1, "width": 640, "height": 480, "file_name": "1.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [64, 96, 320, 288]}],
        "categories": [{"id": 1, "name": "can"}],
    }
    assert_same_annotations(read(coco, COCO), [od(CAN)], losses={"folders"})
    message = """\
not the same annotations within 0.5 px, 1 difference (a -> b):
  object 0 'can': topX 0.100 -> 0.104, 2.6 px of 640; IoU 0.99"""
    with pytest.raises(AnnotationsDiffer, match=f"^{re.escape(message)}$") as caught:
        assert_same_annotations(read(coco, COCO), od(box(topX=0.104)), px(0.5), losses={"folders"})
    assert isinstance(caught.value, AssertionError)
    assert caught.value.differences == ("object 0 'can': topX 0.100 -> 0.104, 2.6 px of 640; IoU 0.99",)


def test_a_message_has_the_first_differences_and_the_error_has_all() -> None:
    boxes = [box(f"{i}") for i in range(60)]
    with pytest.raises(AnnotationsDiffer, match=r"60 differences \(a -> b\):\n(  .*\n){40}  and 20 more$") as caught:
        assert_same_annotations(od(*boxes), od())
    assert len(caught.value.differences) == 60


@pytest.mark.parametrize("format_id", READ)
@given(data=st.data())
def test_a_value_shows_what_its_copy_shows(format_id: str, data: st.DataObject) -> None:
    value = data.draw(record_of(format_id))
    assert_same_annotations(value, copy.deepcopy(value))
    assert_same_annotations(value, value, format=format_id)
    if TABLE[format_id].unit == "json":
        assert_predictions_close(value, copy.deepcopy(value), iou=1, score=0)


FEW = azure_od_record(max_objects=3, labels=st.sampled_from("ab"), with_details=False) | azure_is_record(
    max_objects=2, labels=st.sampled_from("ab"), with_details=False
)


@given(FEW, st.randoms(use_true_random=False))
def test_the_order_of_objects_makes_no_difference(value: Any, random: Any) -> None:
    other = copy.deepcopy(value)
    random.shuffle(other["label"])
    assert_same_annotations(value, other, format=OD if "polygon" not in str(value) else IS)


@given(azure_od_record(min_objects=1, with_details=False), st.data())
def test_an_object_that_goes_is_missed(value: Any, data: st.DataObject) -> None:
    other = copy.deepcopy(value)
    gone = other["label"].pop(data.draw(st.integers(0, len(other["label"]) - 1)))
    assert [line for line in lines(assert_same_annotations, value, other) if line.endswith("is missing")]
    other["label"].append({**gone, "topX": gone["topX"] / 2, "label": "another"})
    assert lines(assert_same_annotations, value, other)


def test_wrong_arguments_of_a_comparison_are_errors() -> None:
    with pytest.raises(TypeError, match=r"^tolerance=2 is not a Tolerance; px\(2\) is one in pixels$"):
        assert_same_annotations(od(), od(), 2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown loss 'boxes': choose from crowd, difficult, "):
        assert_same_annotations(od(), od(), losses={"boxes"})
    with pytest.raises(ValueError, match=r"^b shows no key of a known format; give the format$"):
        assert_same_annotations(od(), {"a": 1})
    with pytest.raises(ValueError, match="a azure-scoring-request shows no annotations"):
        assert_same_annotations(request(), request(), format="azure-scoring-request")
    with pytest.raises(InvalidRecord, match=r"cannot be read as azure-od-record:\n.* 'topX'|topX"):
        assert_same_annotations(od({"label": "a"}), od({"label": "a"}), format=OD)
    for bounds in ({"iou": 1.5}, {"score": -1}):
        with pytest.raises(ValueError, match=r"(iou=1.5|score=-1) is not in \[0, 1\]"):
            assert_predictions_close(answer(), answer(), **bounds)


def test_a_format_of_ones_own_is_compared_by_its_read() -> None:
    def read_mine(value: dict[str, Any]) -> list[AnnotatedImage]:
        return [AnnotatedImage(objects=tuple(AnnotatedObject("a", (0, 0, 1, 1), (tuple(p),)) for p in value["shapes"]))]

    mine = Format("mine", "t", "s", "jsonl", {"documented": {"type": "object"}}, (), read=read_mine)
    a, b = ({"shapes": [[0, 0, 1, 0, 1, y]]} for y in (1, 0.9))
    assert lines(assert_same_annotations, a, b, format=mine) == [
        "object 0 'a': polygon 0 point 2: y 1.000 -> 0.900; IoU 0.90"
    ]


# Predictions that are close.

PREDICTED: dict[str, tuple[Any, Any, list[str]]] = {
    "a score": (
        answer(found(score=0.9)), answer(found(score=0.85)), ["object 0 'can': score 0.900 -> 0.850, 0.05 apart"],
    ),
    "a box": (answer(found()), answer(found(topX=0.2)), ["object 0 'can': topX 0.100 -> 0.200; IoU 0.80"]),
    "a class": (
        answer(found(), found("b", topX=0)),
        answer(found("b", topX=0), found("carton", 0.5)),
        ["object 0 -> 1 'can' -> 'carton'; score 0.900 -> 0.500, 0.4 apart"],
    ),
    "one more and one less": (
        answer(found(), found("b", 0.351)),
        answer(found("c", 0.1, topX=0.5), found()),
        ["object 1 'b' (score 0.351) is missing", "object 0 'c' (score 0.1) is extra"],
    ),
    "two places of one class": (
        answer(found(score=0.9), found(score=0.4, bottomX=0.61)),
        answer(found(score=0.4, bottomX=0.61), found(score=0.8)),
        ["object 0 -> 1 'can': score 0.900 -> 0.800, 0.1 apart"],
    ),
    "several images": (
        [*answer(found()), *answer(found()), *answer()],
        [*answer(found()), *answer()],
        ["image 1: object 0 'can' (score 0.9) is missing", "image 2 is missing, with 0 objects"],
    ),
    "an outline": (
        answer(found(polygon=[[0.1, 0.2, 0.6, 0.2, 0.6, 0.8]])),
        answer(found(polygon=[[0.1, 0.2, 0.6, 0.8, 0.1, 0.8]])),
        ["object 0 'can': IoU of the outlines 0.00"],
    ),
    "an outline that is lost": (
        answer(found(polygon=[[0.1, 0.2, 0.6, 0.2, 0.6, 0.8]])),
        answer(found(polygon=[])),
        ["object 0 'can': outline of 1 polygon -> none"],
    ),
    "a probability": (scores(a=0.912, b=0.088), scores(b=0.088, a=0.871),
                      ["class 'a': score 0.912 -> 0.871, 0.041 apart"]),
    "classes": (scores(a=0.5, b=0.5), scores(a=0.5, c=0.5),
                ["class 'b' (score 0.5) is missing", "class 'c' (score 0.5) is extra"]),
}  # fmt: skip


@pytest.mark.parametrize("name", PREDICTED)
def test_predictions_that_are_not_close_are_said_in_words(name: str) -> None:
    a, b, wanted = PREDICTED[name]
    assert lines(assert_predictions_close, a, b) == wanted
    assert len(lines(assert_predictions_close, b, a)) == len(wanted)


def test_predictions_within_the_bounds_pass_in_any_order() -> None:
    a = answer(found(), found("b", 0.4), found(score=0.3, bottomX=0.61))
    b = answer(found(score=0.305, bottomX=0.62), found(score=0.891), found("b", 0.4, topX=0.101))
    assert_predictions_close(a, b)
    assert_predictions_close(read(a, "azure-od-response"), b)
    with pytest.raises(
        AnnotationsDiffer, match=r"^not close predictions, IoU of 0\.99 at least and scores within 0\.5, "
    ):
        assert_predictions_close(a, b, iou=0.99, score=0.5)
    assert_predictions_close(scores(a=0.2, b=0.8), scores(b=0.79, a=0.21))


CORNERS = st.tuples(*[st.integers(0, 4)] * 4)
PREDICTIONS = st.lists(st.tuples(CORNERS, st.sampled_from("ab"), st.integers(0, 3)), max_size=4)


def placed(drawn: Any) -> dict[str, Any]:
    (left, top, across, down), label, score = drawn
    corners = {
        "topX": left / 10,
        "topY": top / 10,
        "bottomX": (left + 2 + across) / 10,
        "bottomY": (top + 2 + down) / 10,
    }
    return found(label, score / 10, **corners)


def belong_together(a: Any, b: Any, iou: float, score: float) -> bool:
    first, second = (
        shapely.box(*(one["box"][key] for key in ("topX", "topY", "bottomX", "bottomY"))) for one in (a, b)
    )
    shared = first.intersection(second).area / first.union(second).area
    return bool(a["label"] == b["label"] and shared >= iou - 1e-6 and abs(a["score"] - b["score"]) <= score + 1e-6)


# Nearest is not best: one box is nearest to two, and one that is nearest has the score of another.
CONTESTED = [((1, 0, 0, 0), "a", 1), ((0, 0, 0, 0), "a", 1)], [((1, 0, 1, 0), "a", 1), ((1, 0, 0, 0), "a", 1)]
CROSSED = [((0, 0, 2, 0), "a", 0), ((0, 0, 1, 0), "a", 3)], [((0, 0, 2, 0), "a", 3), ((0, 0, 1, 0), "a", 0)]


@example(*CONTESTED, 0.3, 0.05, False)
@example(*CROSSED, 0.5, 0.05, False)
@given(PREDICTIONS, PREDICTIONS, st.sampled_from((0.25, 0.5, 0.77)), st.sampled_from((0.05, 0.15)), st.booleans())
def test_predictions_are_close_if_there_is_any_way_to_pair_them(
    first: Any, second: Any, iou: float, score: float, shuffled: bool
) -> None:
    a = [placed(drawn) for drawn in first]
    b = a[::-1] if shuffled else [placed(drawn) for drawn in second]
    is_close = len(a) == len(b) and any(
        all(belong_together(x, y, iou, score) for x, y in zip(a, order, strict=True)) for order in permutations(b)
    )
    assert is_close == (not lines(assert_predictions_close, answer(*a), answer(*b), iou=iou, score=score))


@given(*[st.lists(st.integers(0, 20), min_size=6, max_size=6)] * 2)
def test_shapely_sees_about_the_same_overlap_of_outlines(a: Any, b: Any) -> None:
    first, second = (shapely.Polygon(list(zip(points[0::2], points[1::2], strict=True))) for points in (a, b))
    union = first.union(second).area
    wanted = first.intersection(second).area / union if union else 0
    assert outline_overlap([a], [b]) == pytest.approx(wanted, abs=0.01)


def test_what_lies_over_another_polygon_is_a_hole_unless_filled() -> None:
    whole, inner = (0, 0, 8, 0, 8, 8, 0, 8), (2, 2, 6, 2, 6, 6, 2, 6)
    assert outline_overlap([whole, inner], [whole]) == pytest.approx(0.75)
    assert outline_overlap([whole, inner], [whole], filled=True) == pytest.approx(1)
    assert outline_overlap([whole, inner], [inner]) == 0
    assert outline_overlap([(0, 0, 0, 0, 0, 0)], [(0, 0, 0, 0, 0, 0)]) == 0


# Findings.


def test_an_exchange_fails_with_the_findings_on_both() -> None:
    task = "image_object_detection"
    assert_exchange(request(), [seen()], task=task)
    with pytest.raises(InvalidRecord) as caught:
        assert_exchange({"input_data": {"columns": ["image"]}}, [seen(boxes=1)], task=task)
    assert (
        str(caught.value)
        == """\
not a valid exchange of image_object_detection (documented profile):
  request $.input_data.data: the key "data" is missing [VF601 missing-key]
  response $[0].boxes: 1 is an integer; a list is wanted [VF602 wrong-type]"""
    )
    assert [finding.file for finding in caught.value.findings] == ["request", "response"]


def test_an_exchange_is_judged_by_task_classes_profile_and_strictness() -> None:
    task = "image_object_detection"
    odd = [seen(note=1)]
    assert_exchange(request(), odd, task=task)
    assert_exchange(request(), odd, task=task, strict=True, profile="reader")
    with pytest.raises(InvalidRecord, match=r"\n  response \$\[0\]\.note: .*VF612 unknown-key"):
        assert_exchange(request(), odd, task=task, strict=True)
    with pytest.raises(InvalidRecord, match="VF464 unknown-class"):
        assert_exchange(request(), [seen("dog")], task=task, classes=["can"])
    with pytest.raises(ValueError, match="unknown task 'detection'"):
        assert_exchange(request(), [seen()], task="detection")


# In pytest.


def test_the_marks_of_the_plugin_are_those_of_the_formats_that_show_annotations() -> None:
    assert frozenset[str]().union(*(format_.marks for format_ in TABLE.values() if format_.read)) == MARKS


@pytest.mark.parametrize("format_id", READ)
def test_two_samples_of_a_format_are_taken_for_it(format_id: str) -> None:
    (example, *_) = TABLE[format_id].schema()["examples"]
    first = equality_lines(example, [] if isinstance(example, list) else {**example, "label": "z"})
    assert first == [] or first[0].split(",")[0] in READ
    assert pytest_assertrepr_compare("==", example, copy.deepcopy(example)) is None


UNEXPLAINED: dict[str, tuple[Any, Any]] = {
    "no records": ({"a": 1}, {"a": 2}),
    "a record and no record": (od(CAN), {"a": 2}),
    "texts": ("image_url", "label"),
    "empty lists": ([], [od()]),
    "lists of texts": (["image_url"], ["label"]),
    "records that cannot be read": (od({"label": "a"}), od({"label": "b"})),
    "a label of no known kind": (record(None), record({"a": 1})),
    "records that show the same": (od(CAN), od(CAN, note=1)),
    "records of two families": (od(CAN), answer(found())[0]),
    "items of a response": (answer(found())[0], answer(found())[0]),
}


@pytest.mark.parametrize("name", UNEXPLAINED)
def test_what_is_not_of_ours_or_shows_the_same_is_left_to_pytest(name: str) -> None:
    left, right = UNEXPLAINED[name]
    assert pytest_assertrepr_compare("==", left, right) is None
    assert pytest_assertrepr_compare("==", right, left) is None


def test_only_equality_is_explained() -> None:
    assert pytest_assertrepr_compare("==", od(CAN), od()) == [
        "azure-od-record, 1 difference (left -> right):",
        "object 0 'can' is missing",
    ]
    assert pytest_assertrepr_compare("!=", od(CAN), od(CAN)) is None
    assert pytest_assertrepr_compare("in", od(CAN), [od()]) is None


JSON = st.recursive(
    st.none() | st.integers(-2, 2) | st.sampled_from(("a", "", "0.5")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("label", "topX", "polygon", "boxes", "labels", "probs", "Name")), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(MARKS)), JSON, JSON, st.booleans())
def test_no_value_makes_the_explanation_raise(mark: str, left: Any, right: Any, listed: bool) -> None:
    a, b = ({mark: value, "label": value, "labels": value, "boxes": value} for value in (left, right))
    pytest_assertrepr_compare("==", [a] if listed else a, [b] if listed else b)


TESTS = """
    import copy, sys
    from pytest_visionfmt import assert_predictions_close, assert_same_annotations, assert_valid, px

    RECORD = {"image_url": "azureml://d/paths/a.jpg", "image_details": {"width": 640, "height": 480}, "label": [
        {"label": "can", "topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.8}]}
    MOVED = copy.deepcopy(RECORD)
    MOVED["label"][0]["topX"] = 0.104

    def test_equal():
        assert RECORD == {**MOVED, "note": 1}

    def test_two_lists():
        assert [RECORD] == [MOVED]

    def test_same():
        assert_same_annotations(RECORD, MOVED, px(0.5))

    def test_valid():
        assert_valid({}, "azure-od-record")

"""


def test_in_pytest_a_failure_shows_the_geometry_and_none_of_our_code(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest")
    result.assert_outcomes(failed=4)
    moved = "object 0 'can': topX 0.100 -> 0.104, 2.6 px of 640; IoU 0.99"
    text = [line.rstrip() for line in result.stdout.lines]
    begins = text.index("E       assert azure-od-record, 2 differences (left -> right):")
    assert text[begins + 1 : begins + 3] == [f"E         {moved}", 'E         "note" none -> 1']
    begins = text.index("E       AssertionError: assert azure-od-record, 1 difference (left -> right):")
    assert text[begins + 1] == f"E         {moved}"
    raised = "E       pytest_visionfmt.assertions.AnnotationsDiffer: not the same annotations within 0.5 px, "
    begins = text.index(f"{raised}1 difference (a -> b):")
    assert text[begins + 1] == f"E         {moved}"
    assert not [line for line in text if "assertions.py:" in line and not line.startswith("test_")]


@pytest.mark.parametrize("named", [True, False], ids=["named with -p", "installed"])
def test_pytest_rewrites_our_assertions(
    named: bool, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of an installed plugin pytest rewrites all that it knows to be of its package, of one that is named only that.
    options = ["-p", "no:hypothesispytest", *(["-p", "pytest_visionfmt.plugin"] if named else [])]
    if named:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("""
        from pytest_visionfmt import assertions

        def test_rewritten():
            assert type(assertions.__spec__.loader).__name__ == "AssertionRewritingHook"
    """)
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=1)


def test_who_has_imported_our_assertions_before_is_not_warned(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("def test_a(): pass")
    options = ["-q", "-W", "error", "-p", "pytest_visionfmt.plugin"]
    code = f"import pytest_visionfmt.assertions, pytest; assert pytest.main({options}) == 0"
    assert pytester.run(sys.executable, "-c", code).ret == 0


def test_an_assertion_that_fails_over_records_loads_nothing_heavy() -> None:
    code = (
        "from pytest_visionfmt.plugin_assertions import pytest_assertrepr_compare as explain;"
        "import sys; assert explain('==', {'a': 1}, {'a': 2}) is None;"
        "assert 'pytest_visionfmt.format' not in sys.modules;"
        "a, b = ({'image_url': 'a.jpg', 'label': label} for label in 'ab');"
        "assert explain('==', a, b)[1:] == [\"class 'a' -> 'b'\"]"
    )
    assert not loaded_by(code) & HEAVY
