"""The formats on the other side of a conversion: what is drawn, how it is read, and what readers from outside say."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xmltodict
from hypothesis import assume, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from PIL import Image
from pycocotools import coco as cocoapi
from pycocotools import mask as cocomask

from pytest_visionfmt import (
    COCO,
    INTERCHANGE,
    PASCAL_VOC,
    Interchange,
    check_record,
    coco_document,
    pascal_voc_file,
    pascal_voc_files,
    read,
)
from pytest_visionfmt.interchange import side, voc_xml
from pytest_visionfmt.interchange.pascal_voc import check_file, check_files, read_file, read_files
from pytest_visionfmt.interchange.rle import column_runs, compressed, counts_of, outline, rectangle

SIDES = [pytest.param(found, id=found.id) for found in INTERCHANGE.values()]


def reference(document: Any) -> Any:
    """Return a document as pycocotools loads it, from JSON."""
    with contextlib.redirect_stdout(io.StringIO()):
        loaded = cocoapi.COCO()
        loaded.dataset = json.loads(json.dumps(document))
        loaded.createIndex()
    return loaded


# COCO.


@given(coco_document())
def test_a_drawn_document_has_no_finding(document: Any) -> None:
    assert not check_record(document, COCO)


@given(coco_document(min_objects=1))
def test_pycocotools_sees_the_boxes_that_we_read(document: Any) -> None:
    loaded = reference(document)
    for image, shown in zip(document["images"], read(document, COCO), strict=True):
        annotations = loaded.loadAnns(loaded.getAnnIds(imgIds=[image["id"]]))
        names = [loaded.loadCats([annotation["category_id"]])[0]["name"] for annotation in annotations]
        assert names == [item.label for item in shown.objects]
        for annotation, item in zip(annotations, shown.objects, strict=True):
            assert item.box is not None
            left, top, right, bottom = (
                v * (image["height"] if i % 2 else image["width"]) for i, v in enumerate(item.box)
            )
            assert annotation["bbox"] == pytest.approx([left, top, right - left, bottom - top], abs=1e-6)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools 2.0.11 with numpy 2
@given(coco_document(min_objects=1))
def test_pycocotools_sees_the_masks_that_we_read(document: Any) -> None:
    loaded = reference(document)
    for annotation in loaded.anns.values():
        segmentation = annotation.get("segmentation")
        if isinstance(segmentation, dict):
            height, width = segmentation["size"]
            mask = loaded.annToMask(annotation)
            runs = np.zeros((height, width), np.uint8)
            for x, top, bottom in column_runs(counts_of(segmentation["counts"]), height):
                runs[top:bottom, x] = 1
            assert (runs == mask).all()
            edges = np.zeros((height, width), np.uint8)
            for polygon in outline(counts_of(segmentation["counts"]), height):
                points = list(zip(polygon[0::2], polygon[1::2], strict=True))
                for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
                    if x1 == x2:
                        edges[min(y1, y2) : max(y1, y2), x1:] ^= 1
            assert (edges == mask).all()


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=12))
def test_counts_are_compressed_as_pycocotools_does_it(counts: list[int]) -> None:
    total = sum(counts)
    assume(total)
    plain: Any = {"counts": counts, "size": [total, 1]}  # its stubs know of compressed counts only
    found: Any = cocomask.frPyObjects(plain, total, 1)
    encoded = found["counts"].decode()
    assert compressed(counts) == encoded
    assert counts_of(encoded) == counts


def test_counts_that_end_inside_a_number_are_an_error() -> None:
    with pytest.raises(ValueError, match="inside a number"):
        counts_of("o")


def test_a_rectangle_is_its_own_outline() -> None:
    counts = rectangle(2, 1, 4, 3, 5, 4)
    assert outline(counts, 4) == [[2, 1, 4, 1, 4, 3, 2, 3]]


def test_a_document_shrinks_to_one_image_without_an_object() -> None:
    assert find(coco_document(), lambda document: True, settings=settings(database=None)) == {
        "images": [{"id": 1, "width": 100, "height": 100, "file_name": "a.jpg"}],
        "annotations": [],
        "categories": [{"id": 1, "name": "a"}],
    }


WILD = {
    "a name without a dot": lambda d: any("." not in image["file_name"] for image in d["images"]),
    "an upper-case extension": lambda d: any(image["file_name"].endswith("JPG") for image in d["images"]),
    "a base name in two folders": lambda d: (
        len({i["file_name"].rpartition("/")[2] for i in d["images"]}) < len(d["images"])
    ),
    "an image without an object": lambda d: {i["id"] for i in d["images"]} - {a["image_id"] for a in d["annotations"]},
    "an unused class": lambda d: {c["id"] for c in d["categories"]} - {a["category_id"] for a in d["annotations"]},
    "ids from 0": lambda d: any(image["id"] == 0 for image in d["images"]),
    "sparse ids": lambda d: len(d["images"]) > 1 and d["images"][1]["id"] - d["images"][0]["id"] > 1,
    "annotations out of order": lambda d: (
        [a["image_id"] for a in d["annotations"]] != sorted(a["image_id"] for a in d["annotations"])
    ),
    "a box of one pixel": lambda d: any(a["bbox"][2:] == [1, 1] for a in d["annotations"]),
    "a box below a pixel": lambda d: any(a["bbox"][2] < 1 for a in d["annotations"]),
    "decimals": lambda d: any(a["bbox"][0] * 4 % 1 for a in d["annotations"]),
    "a crowd": lambda d: any(a.get("iscrowd") for a in d["annotations"]),
    "compressed counts": lambda d: any(
        isinstance(a.get("segmentation"), dict) and isinstance(a["segmentation"]["counts"], str)
        for a in d["annotations"]
    ),
    "two polygons": lambda d: any(
        isinstance(a.get("segmentation"), list) and len(a["segmentation"]) > 1 for a in d["annotations"]
    ),
    "no iscrowd": lambda d: any("iscrowd" not in a for a in d["annotations"]),
    "no area": lambda d: any("area" not in a for a in d["annotations"]),
    "a very large image": lambda d: any(image["width"] == 20000 for image in d["images"]),
    "an image of one pixel": lambda d: any(image["width"] == image["height"] == 1 for image in d["images"]),
}


@pytest.mark.parametrize("wild", WILD.values(), ids=WILD.keys())
def test_what_is_in_the_wild_is_drawn(wild: Any) -> None:
    find(coco_document(), lambda document: bool(wild(document)), settings=settings(max_examples=3000, database=None))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda d: d["annotations"][0].update(image_id=9), "unknown-id"),
        (lambda d: d["annotations"][0].update(category_id=9), "unknown-id"),
        (lambda d: d["images"].append(d["images"][0]), "repeated-id"),
        (lambda d: d["images"].append({**d["images"][0], "id": 2}), "repeated-file-name"),
        (lambda d: d["annotations"][0].update(bbox=[1, 1, 0, 5]), "empty-box"),
        (lambda d: d["annotations"][0].update(bbox=[90, 90, 20, 5]), "box-outside"),
        (lambda d: d["annotations"][0].update(segmentation=[[1, 2, 3, 4]]), "bad-polygon"),
        (lambda d: d["annotations"][0].update(segmentation={"counts": [1, 2], "size": [2, 2]}), "bad-mask"),
        (lambda d: d["annotations"][0].update(segmentation={"counts": "o", "size": [2, 2]}), "bad-mask"),
        (lambda d: d["annotations"][0].pop("bbox"), "missing-key"),
    ],
)
def test_a_broken_document_has_the_finding(change: Any, name: str) -> None:
    document = INTERCHANGE["coco"].edge_cases()[-1].value
    change(document)
    assert name in {finding.name for finding in check_record(document, COCO)}


@pytest.mark.parametrize("low", [-1, 3])
def test_contradictory_arguments_are_named(low: int) -> None:
    for strategy in (coco_document(min_images=low, max_images=2), pascal_voc_files(min_objects=low, max_objects=2)):
        with pytest.raises(InvalidArgument, match=f"={low} is negative, or larger"):
            find(strategy, lambda value: True, settings=settings(database=None))


# PASCAL VOC.


@given(pascal_voc_files())
def test_a_drawn_folder_has_no_finding(files: Any) -> None:
    assert not check_files(files)


@given(pascal_voc_file(min_objects=1))
def test_xmltodict_reads_a_drawn_file_alike(text: str) -> None:
    annotation = xmltodict.parse(text, force_list=("object",))["annotation"]
    (image,) = read_file(text)
    assert (image.name, image.width) == (annotation["filename"], int(annotation["size"]["width"]))
    for item, shown in zip(annotation["object"], image.objects, strict=True):
        assert shown.label == item["name"]
        assert bool(shown.difficult) == (item.get("difficult") == "1")
        corners = [float(item["bndbox"][key]) for key in ("xmin", "ymin", "xmax", "ymax")]
        assert shown.box is not None
        sizes = [int(annotation["size"][key]) for key in ("width", "height")] * 2
        pixels = [v * size + (i < 2) for i, (v, size) in enumerate(zip(shown.box, sizes, strict=True))]
        assert pixels == pytest.approx(corners, abs=1e-6)


@given(pascal_voc_file())
def test_xml_is_written_as_it_was_read(text: str) -> None:
    name, content = voc_xml.parse(text)
    assert voc_xml.parse(voc_xml.write(name, content)) == (name, content)


def test_a_folder_shrinks_to_one_file_without_an_object() -> None:
    files = find(pascal_voc_files(), lambda files: True, settings=settings(database=None))
    assert list(files) == ["Annotations/a.xml"]
    (image,) = read_files(files)
    assert (image.name, image.width, image.height, image.objects) == ("a.jpg", 100, 100, ())


BOMB = '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]><annotation><filename>&z;</filename></annotation>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "document type"),
        (BOMB.encode("utf-16"), "document type"),
        ("<annotation>", "no XML"),
        ("", "no XML"),
        ("<a/>", "<a>, not <annotation>"),
        ("<annotation>" * 40, "nested"),
    ],
    ids=["entities", "entities in UTF-16", "cut short", "empty", "another root", "deep"],
)
def test_bad_xml_is_one_finding(text: str | bytes, message: str) -> None:
    (finding,) = check_file(text)
    assert finding.name == "bad-xml"
    assert message in finding.message


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("<xmax>40<", "<xmax>4<", "corner-order"),
        ("<xmax>40<", "<xmax>101<", "corner-outside"),
        ("<xmin>11<", "<xmin>0<", "corner-outside"),
        ("<xmin>11<", "<xmin>left<", "wrong-form"),
        ("<name>a</name>", "", "missing-key"),
    ],
)
def test_a_broken_file_has_the_finding(old: str, new: str, name: str) -> None:
    cases = {str(case): case.value for case in INTERCHANGE["pascal-voc"].edge_cases()}
    (text,) = cases["no-difficult"].values()
    assert not check_file(text)
    assert old in text
    assert name in {finding.name for finding in check_file(text.replace(old, new))}


def test_an_object_without_a_size_cannot_be_read() -> None:
    (text,) = INTERCHANGE["pascal-voc"].edge_cases()[0].value.values()
    _, content = voc_xml.parse(text)
    del content["size"]
    with pytest.raises(ValueError, match="no size"):
        read_file(voc_xml.write("annotation", content))
    assert PASCAL_VOC.read is not None


# Both.


@pytest.mark.parametrize("found", SIDES)
def test_edge_cases_are_valid_and_have_names_of_their_own(found: Interchange) -> None:
    cases = found.edge_cases()
    assert len({str(case) for case in cases}) == len(cases) <= 200
    for case in cases:
        assert not found.check(case.value), case
        assert found.read(case.value), case


@pytest.mark.parametrize("unit", ["record", "dataset"])
@pytest.mark.parametrize("found", [*SIDES, "azure-od-record", "azure-multiclass-record"])
def test_invalid_values_are_not_valid(found: Any, unit: Any) -> None:
    invalid = side(found).invalid(unit)
    assert len(invalid) > 5
    for value, why in invalid:
        assert side(found).check(value), why
        assert not side(found).shape(value, unit)


@pytest.mark.parametrize("found", [*SIDES, "azure-od-record", "azure-is-record"])
@given(data=st.data())
@settings(max_examples=15)
def test_a_folder_is_loaded_as_it_was_written(found: Any, data: st.DataObject, tmp_path_factory: Any) -> None:
    value = data.draw(side(found).draw("folder", whole=True))
    folder: Path = tmp_path_factory.mktemp("folder")
    side(found).write(value, folder)
    tree = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert side(found).load(tree) == value
    for image in side(found).read(value):
        paths = [path for path in tree if path.startswith("images/")]
        file = max((path for path in paths if str(image.name).endswith(path.removeprefix("images/"))), key=len)
        with Image.open(folder / file) as opened:
            assert opened.size == (image.width, image.height)


@pytest.mark.parametrize("found", [*SIDES, "azure-od-record", "azure-is-record", "azure-multilabel-record"])
@given(data=st.data())
@settings(max_examples=20)
def test_what_laws_do_to_a_source_keeps_it_valid_and_says_the_same(found: Any, data: st.DataObject) -> None:
    this = side(found)
    value, other = data.draw(this.draw("dataset", whole=False)), data.draw(this.draw("dataset", whole=False))
    images = this.read(value)
    assert [image.name for image in this.read(this.reverse(value))] == [image.name for image in images][::-1]
    moved, joined = this.join(value, other)
    assert sorted(map(repr, this.read(joined))) == sorted(map(repr, [*images, *this.read(moved)]))
    assert not [finding for finding in this.check(joined) if finding.severity == "error"]
    for label in {item.label for image in images for item in image.objects}:
        renamed = {item.label for image in this.read(this.relabel(value, {label: "zz"})) for item in image.objects}
        assert label not in renamed
        assert "zz" in renamed
    pair = this.double(value)
    if pair is None:
        assert any(pixels and pixels >= 2**62 for image in images for pixels in (image.width, image.height))
        return
    for once, twice in zip(this.read(pair[0]), this.read(pair[1]), strict=True):
        assert once.width is None or twice.width == 2 * once.width
        for a, b in zip(once.objects, twice.objects, strict=True):
            assert (a.box is None) == (b.box is None)
            assert a.box is None or b.box is None or a.box == pytest.approx(b.box, abs=1e-12)
        assert not [finding for finding in this.check(pair[1]) if finding.severity == "error"]


@pytest.mark.parametrize("width", [(1 << 62) - 1, 1 << 62])
def test_a_side_is_doubled_as_far_as_64_bits_reach(width: int) -> None:
    record = {"image_url": "azureml://a/b/paths/a.jpg", "image_details": {"width": width}, "label": []}
    pair = side("azure-od-record").double([record])
    assert (pair is None) == (width == 1 << 62)
    assert pair is None or pair[1][0]["image_details"]["width"] == 2 * width


def test_an_unknown_format_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="Did you mean 'pascal-voc'"):
        side("pascal_voc")


def test_a_format_that_shows_nothing_is_no_side() -> None:
    with pytest.raises(ValueError, match="shows no annotations"):
        side("azure-scoring-request")
