"""Laws: where each applies, what each lets pass, and what has to be declared as a loss."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from mutants import PAIRS, converter
from PIL import Image

from pytest_visionfmt import INTERCHANGE, TABLE, AnnotatedImage, LawBroken, conversion, fuzz, invalid_cases, laws, px
from pytest_visionfmt.facets import FACETS
from pytest_visionfmt.geometry import intersection_over_union
from pytest_visionfmt.interchange import side
from pytest_visionfmt.interchange.interchange import UNITS
from pytest_visionfmt.interchange.rle import rectangle
from pytest_visionfmt.laws import LAWS, skip_reason

# What an image has, by format: the laws that apply to a pair follow from these and the tables below.
KINDS = {
    "coco": "objects",
    "pascal-voc": "objects",
    "azure-od-record": "objects",
    "azure-is-record": "objects",
    "azure-od-response": "objects",
    "azure-is-response": "objects",
    "azure-multilabel-record": "classes",
    "rekognition-input-record": "classes",
    "rekognition-output-record": "classes",
    "rekognition-moderation-response": "classes",
    "azure-multiclass-record": "one class",
    "azure-multiclass-response": "scores",
    "azure-multilabel-response": "scores",
    "azure-multiclass-xai-response": "scores",
    "azure-multilabel-xai-response": "scores",
}
SHOWS_NOTHING = {"azure-scoring-request", "azure-xai-request", "rekognition-evaluation"}
# Whether the target can say what the source says: to these alone ``conserves`` and ``round_trip`` apply.
COMPARABLE = {
    ("objects", "objects"),
    ("objects", "classes"),
    ("classes", "classes"),
    ("one class", "classes"),
    ("one class", "one class"),
    ("scores", "scores"),
}
SAYS_SIZES = {"coco", "pascal-voc", "azure-od-record", "azure-is-record", "azure-multilabel-record"} | {
    "azure-multiclass-record"
}
NAMES_NO_IMAGE = {format_ for format_ in KINDS if format_.endswith("-response")}
NO_TARGET = {"valid_output", "conserves", "round_trip", "order", "concatenation", "relabel", "scale"}


def skipped(source: str, target: str | None, unit: str, *, has_inverse: bool) -> set[str]:
    """Return the laws that the tables leave out for a pair."""
    if target is None:
        return NO_TARGET
    found = set() if has_inverse else {"round_trip"}
    if (KINDS[source], KINDS[target]) not in COMPARABLE:
        found |= {"conserves", "round_trip"}
    if unit == "record" or KINDS[source] == "scores" or source == "rekognition-moderation-response":
        found.add("concatenation")
    if unit == "folder" and source in NAMES_NO_IMAGE:
        found.add("order")
    if source.startswith("rekognition"):
        found.add("relabel")
    if source not in SAYS_SIZES or (unit == "folder" and source.startswith("azure")):
        found.add("scale")
    return found


def right(name: str = "coco-od") -> Callable[..., Any]:
    return converter(PAIRS[name].module, PAIRS[name].function)


# Where a law applies.


def test_the_table_is_of_every_format() -> None:
    assert set(KINDS) | SHOWS_NOTHING == {*TABLE, *INTERCHANGE}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("source", KINDS)
def test_a_law_is_skipped_only_where_the_tables_say_so(source: str, unit: Any) -> None:
    for target in (*KINDS, None):
        judged = conversion(source, target, unit=unit)
        for has_inverse in (True, False):
            found = {law for law in LAWS if skip_reason(law, judged, has_inverse=has_inverse)}
            assert found == skipped(source, target, unit, has_inverse=has_inverse), target


@pytest.mark.parametrize("source", KINDS)
def test_a_copy_keeps_every_law_but_refusing(source: str) -> None:
    # Objects that are alike but for an outline, in another order: each has to find its own.
    def copied(value: Any, images: Any = None) -> Any:
        return value

    report = fuzz(copied, inverse=copied, source=source, target=source, seed=1, in_process=True, max_examples=15)
    assert {failure.law for failure in report.failures} == {"rejects"}
    assert set(report.skipped) == skipped(source, source, "dataset", has_inverse=True)


@pytest.mark.parametrize("source", sorted(set(KINDS) & set(TABLE)))
def test_every_breach_of_a_format_has_to_be_refused(source: str) -> None:
    given = side(source).invalid("record")
    cases = invalid_cases(source)
    assert [repr(value) for value, _ in given] == [repr(case.value) for case in cases]
    for (_, why), case in zip(given, cases, strict=True):
        assert why.startswith(f"{case.breach} [{case.rule}")
        assert (str(case.reaction) in why) == (str(case.reaction) != "unknown")


def test_what_went_through_in_silence_is_told_apart_by_what_is_wrong() -> None:
    def trusting(records: Any) -> Any:
        return [{**record, "label": [dict(box) for box in record["label"]]} for record in records]

    report = fuzz(
        trusting, source="azure-od-record", target="azure-od-record", seed=1, in_process=True, only=["rejects"],
        raises=(KeyError, TypeError, ValueError),
    )  # fmt: skip
    kinds = [failure.kind for failure in report.failures]
    assert len(set(kinds)) == len(kinds) == 5
    assert all(kind.startswith("silent VF") for kind in kinds)


def test_what_is_dropped_in_silence_is_counted_whatever_its_key() -> None:
    record = {"image_url": "azureml://x/paths/a.jpg", "labels": [{"label": "a"}, {"label": "b"}]}
    judged = conversion("azure-od-record", "azure-od-record", unit="record")

    def lenient(record: Any) -> Any:
        url = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"
        return {"image_url": url, "label": record.get("label", [])}

    with pytest.raises(LawBroken, match="dropped 2 of 3"):
        laws.rejects(lenient, record, judged)


def test_a_folder_of_a_response_holds_the_images_that_it_is_of() -> None:
    def in_folders(source: Path, target: Path) -> None:
        response = json.loads((source / "annotations.json").read_text(encoding="utf-8"))
        images = []
        for path in sorted((source / "images").iterdir()):
            with Image.open(path) as opened:
                images.append(AnnotatedImage(f"images/{path.name}", *opened.size))
        lines = [f"{json.dumps(record)}\n" for record in right("od-response")(response, images)]
        (target / "annotations.jsonl").write_text("".join(lines), encoding="utf-8")

    promise = PAIRS["od-response"].promise
    report = fuzz(in_folders, unit="folder", seed=1, in_process=True, max_examples=5, **promise)
    assert report.ok, str(report)
    assert report.examples["conserves"] == 5


# Laws on their own.


def test_a_law_serves_in_a_test_of_ones_own() -> None:
    document = {
        "images": [{"id": 1, "width": 100, "height": 100, "file_name": "a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}],
        "categories": [{"id": 1, "name": "a"}],
    }
    judged = conversion("coco", "azure-od-record")
    laws.conserves(right(), document, judged)
    with pytest.raises(LawBroken, match="there was 1 object"):
        laws.conserves(lambda document: [{**r, "label": []} for r in right()(document)], document, judged)


@pytest.mark.parametrize(
    ("shift", "pixels", "broken"), [(0.4, 0.5, False), (0.6, 0.5, True), (0.9, 1.0, False), (0.2, 0.1, True)]
)
def test_the_tolerance_is_in_pixels(shift: float, pixels: float, broken: bool) -> None:
    document = {
        "images": [{"id": 1, "width": 100, "height": 100, "file_name": "a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}],
        "categories": [{"id": 1, "name": "a"}],
    }

    def shifted(document: Any) -> Any:
        records = right()(document)
        records[0]["label"][0]["topX"] += shift / 100
        return records

    judged = conversion("coco", "azure-od-record", tolerance=px(pixels))
    if broken:
        with pytest.raises(LawBroken, match="off by"):
            laws.conserves(shifted, document, judged)
    else:
        laws.conserves(shifted, document, judged)


def test_without_a_size_the_tolerance_is_a_ratio_and_the_message_says_so() -> None:
    url = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"
    box = {"label": "a", "topX": 0.1, "topY": 0.1, "bottomX": 0.5, "bottomY": 0.5}
    judged = conversion("azure-od-record", "azure-od-record", unit="record")
    laws.conserves(
        lambda record: {**record, "label": [{**box, "topX": 0.1004}]}, {"image_url": url, "label": [box]}, judged
    )
    with pytest.raises(LawBroken, match=r"0\.0005 of the image, whose size nobody says"):
        laws.conserves(
            lambda record: {**record, "label": [{**box, "topX": 0.11}]}, {"image_url": url, "label": [box]}, judged
        )


SAME_NAME = {
    "images": [
        {"id": i, "width": 100, "height": 100, "file_name": f"{folder}/a.jpg"} for i, folder in ((1, "x"), (2, "y"))
    ],
    "annotations": [],
    "categories": [],
}


def test_names_that_collide_fail_unless_folders_may_be_lost() -> None:
    def flat(document: Any) -> Any:
        images = [{**image, "file_name": image["file_name"].rpartition("/")[2]} for image in document["images"]]
        return right()({**document, "images": images})

    with pytest.raises(LawBroken, match="names collide"):
        laws.conserves(flat, SAME_NAME, conversion("coco", "azure-od-record"))
    laws.conserves(flat, SAME_NAME, conversion("coco", "azure-od-record", losses={"folders"}))


@given(*[st.tuples(*[st.integers(0, 20)] * 4)] * 2)
def test_shapely_sees_the_same_intersection_over_union(a: Any, b: Any) -> None:
    (left, top, across, down), (x, y, width, height) = a, b
    assume(across * down * width * height)
    first, second = (left, top, left + across, top + down), (x, y, x + width, y + height)
    shared = shapely.box(*first).intersection(shapely.box(*second)).area
    both = shapely.box(*first).union(shapely.box(*second)).area
    assert intersection_over_union(first, second) == pytest.approx(shared / both)


# What may be lost.


STORE = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"
BOX = {"label": "a", "topX": 0.1, "topY": 0.1, "bottomX": 0.5, "bottomY": 0.5, "isCrowd": 1}
RECORD = {
    "image_url": f"{STORE}a/b.jpg",
    "image_details": {"width": 10, "height": 10, "format": "jpg"},
    "label": [BOX],
}
PREDICTION = {"label": "a", "score": 0.5, "box": {"topX": 0.1, "topY": 0.1, "bottomX": 0.5, "bottomY": 0.5}}
OUTER, INNER = [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0], [0.2, 0.2, 0.8, 0.2, 0.8, 0.8, 0.2, 0.8]
OUTLINED = {**RECORD, "label": [{"label": "a", "polygon": [OUTER, INNER]}]}
VOC_FILE = """<annotation><filename>a.jpg</filename><size><width>10</width><height>10</height></size><object>
<name>a</name><difficult>1</difficult>
<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>"""


def masked(**changes: Any) -> dict[str, Any]:
    """Return a COCO document of one crowd: a mask of 3 x 3 pixels with a hole of one."""
    counts = rectangle(0, 0, 3, 3, 3, 3)
    counts[-1:] = [4, 1, 4]
    mask = {"counts": counts, "size": [3, 3]}
    crowd = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 3, 3], "iscrowd": 1, "segmentation": mask}
    image = {"id": 1, "width": 3, "height": 3, "file_name": "a.jpg"}
    annotations = [{**crowd, **changes}]
    return {"images": [image], "annotations": annotations, "categories": [{"id": 1, "name": "a"}]}


def relabelled(record: Any, **changes: Any) -> Any:
    return {**record, "label": [{**item, **changes} for item in record["label"]]}


def rescored(response: Any, images: Any) -> Any:
    return [{"boxes": [{**found, "score": found["score"] / 2} for found in item["boxes"]]} for item in response]


FILLED = {"counts": [0, 9], "size": [3, 3]}
LOSING = [
    ("crowd", "azure-od-record", RECORD, lambda record: relabelled(record, isCrowd=0)),
    ("crowd", "azure-od-record", RECORD, lambda record: {**record, "label": []}),
    ("folders", "azure-od-record", RECORD, lambda record: {**record, "image_url": f"{STORE}b.jpg"}),
    ("size", "azure-od-record", RECORD, lambda record: {**record, "image_details": {"format": "jpg"}}),
    ("format", "azure-od-record", RECORD, lambda record: {**record, "image_details": {"width": 10, "height": 10}}),
    ("polygon", "coco", masked(), lambda document: masked(segmentation=[])),
    ("holes", "coco", masked(), lambda document: masked(segmentation=FILLED)),
    ("holes", "azure-is-record", OUTLINED, lambda record: relabelled(record, polygon=[OUTER])),
    ("difficult", "pascal-voc", VOC_FILE, lambda text: text.replace("<difficult>1</difficult>", "")),
    ("score", "azure-od-response", [{"boxes": [PREDICTION]}], rescored),
    ("score", "azure-multilabel-response", [{"labels": ["a"], "probs": [0.5]}],
     lambda response, images: [{"labels": ["a"], "probs": [0.4]}]),
    ("empty-images", "azure-od-record", [RECORD, {**RECORD, "image_url": f"{STORE}c.jpg", "label": []}],
     lambda records: [record for record in records if record["label"]]),
]  # fmt: skip
IMPLIED_BY = {"holes": {"polygon"}}  # without outlines there are no holes


def test_every_loss_is_tried() -> None:
    assert {loss for loss, *_ in LOSING} == FACETS


@pytest.mark.parametrize(("loss", "format", "value", "convert"), LOSING, ids=lambda x: x if isinstance(x, str) else "")
def test_a_loss_has_to_be_declared(loss: str, format: str, value: Any, convert: Any) -> None:
    unit: Any = "dataset" if loss == "empty-images" else "record"
    before = copy.deepcopy(value)
    laws.conserves(lambda value, *images: value, value, conversion(format, format, unit=unit))
    for others in (frozenset(), FACETS - {loss} - IMPLIED_BY.get(loss, set())):
        with pytest.raises(LawBroken):
            laws.conserves(convert, value, conversion(format, format, unit=unit, losses=others))
    laws.conserves(convert, value, conversion(format, format, unit=unit, losses={loss}))
    assert value == before
