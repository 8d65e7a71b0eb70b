"""COCO documents as a side of a conversion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_visionfmt.checking import check_record
from pytest_visionfmt.edges.cases import EdgeCase
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.interchange.broken import broken_values
from pytest_visionfmt.interchange.coco import COCO
from pytest_visionfmt.interchange.drawing import CLASSES, NAMES, SIZES, PixelBox, doubled_box
from pytest_visionfmt.interchange.image_files import images_of, write_image
from pytest_visionfmt.interchange.interchange import ConversionUnit, Interchange, Tree
from pytest_visionfmt.interchange.rle import compressed, rectangle
from pytest_visionfmt.reading import read
from pytest_visionfmt.values import fresh

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["COCO_SIDE"]

_FILE, _IMAGES = "annotations.json", "images"


def _draw(unit: ConversionUnit, *, whole: bool) -> SearchStrategy[Any]:
    from pytest_visionfmt.interchange.coco_strategies import coco_document

    return coco_document(max_images=1 if unit == "record" else 4, sub_pixel=not whole)


def _check(document: Any) -> tuple[Finding, ...]:
    return check_record(document, COCO)


def _shape(document: Any, unit: ConversionUnit) -> str:
    return "" if isinstance(document, dict) else f"a {type(document).__name__}, not a dict"


def _reverse(document: Any) -> Any:
    return {key: value[::-1] if isinstance(value, list) else value for key, value in document.items()}


def _join(a: Any, b: Any) -> tuple[Any, Any]:
    """Number the second's images and annotations on from the first's; classes of one name are one."""
    b = fresh(b)
    for image in b["images"]:
        image["file_name"] = f"second/{image['file_name']}"
    joined, more = fresh(a), fresh(b)
    numbers: dict[str, dict[int, int]] = {}
    known = {category["name"]: category["id"] for category in a["categories"]}
    for key in ("images", "annotations", "categories"):
        beyond = max((item["id"] for item in a[key]), default=0) + 1
        numbers[key] = {item["id"]: beyond + i for i, item in enumerate(b[key])}
    for category in more["categories"]:
        new = known.get(category["name"])
        if new is None:
            category["id"] = numbers["categories"][category["id"]]
            joined["categories"].append(category)
        else:
            numbers["categories"][category["id"]] = new
    for image in more["images"]:
        image["id"] = numbers["images"][image["id"]]
    for annotation in more["annotations"]:
        annotation["id"] = numbers["annotations"][annotation["id"]]
        annotation["image_id"] = numbers["images"][annotation["image_id"]]
        annotation["category_id"] = numbers["categories"][annotation["category_id"]]
    joined["images"] += more["images"]
    joined["annotations"] += more["annotations"]
    return b, joined


def _relabel(document: Any, names: Mapping[Any, Any]) -> Any:
    document = fresh(document)
    for category in document["categories"]:
        category["name"] = names.get(category["name"], category["name"])
    return document


def _double(document: Any) -> tuple[Any, Any]:
    once, twice = fresh(document), fresh(document)
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    for image in twice["images"]:
        image["width"] *= 2
        image["height"] *= 2
    for i, annotation in enumerate(document["annotations"]):
        x, y, across, down = annotation["bbox"]
        size = sizes[annotation["image_id"]]
        whole, doubled = doubled_box(PixelBox(x, y, x + across, y + down), *size)
        segmentation = annotation.get("segmentation")
        for item, box, factor in ((once["annotations"][i], whole, 1), (twice["annotations"][i], doubled, 2)):
            left, top, right, bottom = box
            item["bbox"] = [left, top, right - left, bottom - top]
            if "area" in item:
                item["area"] = (right - left) * (bottom - top)
            if isinstance(segmentation, dict):
                width, height = size[0] * factor, size[1] * factor
                counts = rectangle(int(left), int(top), int(right), int(bottom), width, height)
                text = isinstance(segmentation["counts"], str)
                item["segmentation"] = {"counts": compressed(counts) if text else counts, "size": [height, width]}
            elif segmentation:
                item["segmentation"] = [[left, top, right, top, right, bottom] for _ in segmentation]
    return once, twice


def _write(document: Any, folder: Path) -> None:
    text = json.dumps(document, ensure_ascii=False)
    (folder / _FILE).write_text(text, encoding="utf-8")
    (folder / _IMAGES).mkdir()
    for image in images_of(document, partial(read, format=COCO), _simple()):
        write_image(folder / _IMAGES / str(image.name), image.width, image.height)


def _load(tree: Tree) -> Any:
    names = sorted(name for name in tree if name.endswith(".json"))
    name = _FILE if _FILE in names else names[0] if len(names) == 1 else None
    if name is None:
        raise ValueError(f"there is no {_FILE}, but: {', '.join(sorted(tree)) or 'nothing'}")
    return json.loads(tree[name].decode("utf-8"))


def _simple() -> dict[str, Any]:
    return {
        "images": [{"id": 1, "width": 100, "height": 100, "file_name": "a.jpg"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40], "area": 1200, "iscrowd": 0}
        ],
        "categories": [{"id": 1, "name": "a"}],
    }


def _edge_cases() -> tuple[EdgeCase, ...]:
    """Return the documents that people of the field know; the strategy draws the like of each."""
    made: list[tuple[str, str, Any]] = []

    def case(name: str, why: str, **changes: Any) -> None:
        document = _simple()
        for key, value in changes.items():
            item = document["images" if key in ("width", "height", "file_name") else "annotations"][0]
            item[key] = value
        made.append((name, why, document))

    made.append(("no-object", "The image has no object.", {**_simple(), "annotations": []}))
    unused = _simple()
    unused["categories"].insert(0, {"id": 90, "name": "b"})
    made.append(("unused-class", "A class has no object, and ids are not in order.", unused))
    sparse = json.loads(
        json.dumps(_simple())
        .replace('"image_id": 1', '"image_id": 917')
        .replace('"id": 1, "width"', '"id": 917, "width"')
    )
    made.append(("sparse-ids", "The id of the image is not its place.", sparse))
    folders = _simple()
    folders["images"] = [
        {**folders["images"][0], "id": i, "file_name": f"{folder}/a.jpg"} for i, folder in ((1, "train"), (2, "val"))
    ]
    made.append(("same-base-name", "Two images in two folders have one base name.", folders))
    shuffled = fresh(folders)
    shuffled["annotations"] = [{**_simple()["annotations"][0], "id": 5 - i, "image_id": i} for i in (2, 1)]
    made.append(("shuffled", "Annotations are not in the order of their images.", shuffled))
    for form in NAMES[1:]:
        case(
            f"file-name-{form.format('a')}",
            "The name of the image is one that trips parsers.",
            file_name=form.format("a"),
        )
    for name in CLASSES[3:]:
        document = _simple()
        document["categories"][0]["name"] = name
        made.append((f"class-{name}", "The name of the class is one that trips parsers.", document))
    for width, height in SIZES[2:]:
        case(
            f"size-{width}x{height}",
            "The image has an unusual size.",
            width=width,
            height=height,
            bbox=[0, 0, width, height],
        )
    case("whole-image", "The box is the whole image.", bbox=[0, 0, 100, 100])
    case("one-pixel", "The box is one pixel, the last.", bbox=[99, 99, 1, 1], area=1)
    case("sub-pixel", "The box is smaller than a pixel.", bbox=[10.25, 20.5, 0.25, 0.5], area=0.125)
    case("two-decimals", "Coordinates are decimals.", bbox=[10.01, 20.02, 30.03, 40.04])
    case("polygon", "The object has an outline.", segmentation=[[10, 20, 40, 20, 40, 60]])
    case("two-polygons", "The object has two parts.", segmentation=[[10, 20, 25, 20, 10, 40], [40, 60, 25, 60, 40, 40]])
    counts = rectangle(10, 20, 40, 60, 100, 100)
    case(
        "crowd",
        "The annotation is a crowd: a mask as a list of runs.",
        iscrowd=1,
        segmentation={"counts": counts, "size": [100, 100]},
    )
    case(
        "crowd-compressed",
        "The runs of a mask are compressed.",
        iscrowd=1,
        segmentation={"counts": compressed(counts), "size": [100, 100]},
    )
    bare = _simple()
    del bare["annotations"][0]["iscrowd"], bare["annotations"][0]["area"]
    made.append(("bare", "Optional keys are absent.", bare))
    return tuple(EdgeCase(name, why, False, lambda value: False, value) for name, why, value in made)


def _invalid(unit: ConversionUnit) -> list[tuple[Any, str]]:
    found = list(broken_values(_simple(), COCO, _check))
    for key, value in (("image_id", 99), ("category_id", 99)):
        document = _simple()
        document["annotations"][0][key] = value
        found.append((document, f"$.annotations[0].{key} is the id of nothing"))
    return found


COCO_SIDE = Interchange(
    "coco",
    COCO.title,
    COCO.source,
    frozenset({"crowd", "folders", "size", "polygon", "holes", "empty-images"}),
    _draw,
    lambda document: read(document, COCO),
    _check,
    _shape,
    _reverse,
    _join,
    _relabel,
    _double,
    _write,
    _load,
    _edge_cases,
    _invalid,
)
