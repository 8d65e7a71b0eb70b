"""COCO object detection documents: the rules that their schema cannot say, and what they show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, Polygon
from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Format, Hit, Judgement, Record, Rule, Verdict
from pytest_visionfmt.formats.shared_rules import JSON_RULES, SCHEMA_RULES
from pytest_visionfmt.interchange.rle import counts_of, outline
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import as_float, is_number, show

__all__ = ["COCO"]

PAGE = 'COCO, "Data format", 1. Object Detection, https://cocodataset.org/#format-data'
_LISTS = ("images", "annotations", "categories")
_TOLERATED = 1e-6  # of the frame: what adding two floats may cost


def _verdict(severity: Severity, evidence: Evidence) -> Verdict:
    judgement = Judgement(severity, Reaction.UNKNOWN, evidence)
    return Verdict(judgement, judgement)


_ERROR = _verdict(Severity.ERROR, Evidence.DOCUMENTED)
_WARNING = _verdict(Severity.WARNING, Evidence.INFERRED)


def _each(document: Any, key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    items = document.get(key) if isinstance(document, dict) else None
    for i, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (key, i), item


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _dangling(document: Any) -> Iterator[Hit]:
    for key, named in (("image_id", "images"), ("category_id", "categories")):
        known = {item["id"] for _, item in _each(document, named) if _is_id(item.get("id"))}
        for path, item in _each(document, "annotations"):
            value = item.get(key)
            if _is_id(value) and value not in known:
                yield Hit((*path, key), f"{key} {value} is not the id of any of the {named}")


def _repeated(document: Any) -> Iterator[Hit]:
    for key in _LISTS:
        seen: set[int] = set()
        for path, item in _each(document, key):
            value = item.get("id")
            if _is_id(value):
                if value in seen:
                    yield Hit((*path, "id"), f"id {value} is that of another of the {key} as well")
                seen.add(value)


def _repeated_files(document: Any) -> Iterator[Hit]:
    seen: set[str] = set()
    for path, item in _each(document, "images"):
        name = item.get("file_name")
        if isinstance(name, str):
            if name in seen:
                yield Hit((*path, "file_name"), f"file_name {show(name)} is that of another image as well")
            seen.add(name)


def _boxes(document: Any) -> Iterator[tuple[Path, list[float], dict[str, Any] | None]]:
    """Yield each box that is four numbers, with its image."""
    images = {item["id"]: item for _, item in _each(document, "images") if _is_id(item.get("id"))}
    for path, item in _each(document, "annotations"):
        box = item.get("bbox")
        if isinstance(box, list) and len(box) == 4 and all(map(is_number, box)):
            number = item.get("image_id")
            yield (*path, "bbox"), box, images.get(number) if _is_id(number) else None


def _empty_boxes(document: Any) -> Iterator[Hit]:
    for path, (_, _, width, height), _ in _boxes(document):
        if width <= 0 or height <= 0:
            yield Hit(path, f"the box has no area: its width is {show(width)} and its height {show(height)}")


def _boxes_outside(document: Any) -> Iterator[Hit]:
    for path, (x, y, width, height), image in _boxes(document):
        sizes = (image.get("width"), image.get("height")) if image else ()
        for low, extent, size in zip((x, y), (width, height), sizes, strict=False):
            most = as_float(size) if is_number(size) else None
            if most is not None and (low < 0 or low + extent > most * (1 + _TOLERATED)):
                yield Hit(path, f"the box reaches from {show(low)} to {show(low + extent)}, the image from 0 to {size}")


def _bad_polygons(document: Any) -> Iterator[Hit]:
    for path, item in _each(document, "annotations"):
        polygons = item.get("segmentation")
        for i, polygon in enumerate(polygons if isinstance(polygons, list) else ()):
            if isinstance(polygon, list) and (len(polygon) % 2 or len(polygon) < 6):
                message = f"the polygon has {len(polygon)} numbers, not an even number of 6 or more"
                yield Hit((*path, "segmentation", i), message)


def _bad_masks(document: Any) -> Iterator[Hit]:
    for path, item in _each(document, "annotations"):
        mask = item.get("segmentation")
        if not isinstance(mask, dict):
            continue
        counts, size = mask.get("counts"), mask.get("size")
        if not isinstance(size, list) or len(size) != 2 or not all(map(_is_id, size)):
            continue
        if isinstance(counts, str) or (isinstance(counts, list) and all(map(_is_id, counts))):
            try:
                pixels = sum(counts_of(counts))
            except ValueError as error:
                yield Hit((*path, "segmentation", "counts"), str(error))
                continue
            if pixels != size[0] * size[1]:
                message = f"the counts are of {pixels} pixels, and {size[0]} x {size[1]} are {size[0] * size[1]}"
                yield Hit((*path, "segmentation", "counts"), message)


_RULES = (
    Rule("VF701", "unknown-id", "An annotation names an image or a category that is not there.", PAGE,
         _ERROR, Record(_dangling)),
    Rule("VF702", "repeated-id", "Two images, annotations or categories have one id.", PAGE,
         _ERROR, Record(_repeated)),
    Rule("VF703", "repeated-file-name", "Two images are one file.", PAGE, _WARNING, Record(_repeated_files)),
    Rule("VF704", "empty-box", "A box has no area.", PAGE, _ERROR, Record(_empty_boxes)),
    Rule("VF705", "box-outside", "A box reaches beyond the image.", PAGE, _WARNING, Record(_boxes_outside)),
    Rule("VF706", "bad-polygon", "A polygon is no list of three points or more.", PAGE, _ERROR, Record(_bad_polygons)),
    Rule("VF707", "bad-mask", "The runs of a mask do not fill its size.", PAGE, _ERROR, Record(_bad_masks)),
)  # fmt: skip


def _read(document: dict[str, Any]) -> list[AnnotatedImage]:
    """Return the images in their order, each with its objects in theirs. The type is in no key."""
    names = {category["id"]: category["name"] for category in document["categories"]}
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    objects: dict[int, list[AnnotatedObject]] = {number: [] for number in sizes}
    for annotation in document["annotations"]:
        number = annotation["image_id"]
        objects[number].append(_object(annotation, names[annotation["category_id"]], *sizes[number]))
    return [
        AnnotatedImage(image["file_name"], image["width"], image["height"], None, tuple(objects[image["id"]]))
        for image in document["images"]
    ]


def _object(annotation: dict[str, Any], label: str, width: int, height: int) -> AnnotatedObject:
    x, y, across, down = annotation["bbox"]
    box = (x / width, y / height, (x + across) / width, (y + down) / height)
    segmentation = annotation.get("segmentation") or []
    if isinstance(segmentation, dict):
        segmentation = outline(counts_of(segmentation["counts"]), segmentation["size"][0])
    polygons = tuple(_ratios(polygon, width, height) for polygon in segmentation)
    crowd = bool(annotation["iscrowd"]) if "iscrowd" in annotation else None
    score = annotation.get("score")  # a result has one, a ground truth has none
    return AnnotatedObject(label, box, polygons, crowd, None, as_float(score))


def _ratios(polygon: Sequence[float], width: int, height: int) -> Polygon:
    return tuple(value / (height if i % 2 else width) for i, value in enumerate(polygon))


COCO = Format(
    "coco",
    "COCO object detection",
    PAGE,
    "json",
    {"documented": "interchange/coco.schema.json"},
    (*JSON_RULES, *SCHEMA_RULES, *_RULES),
    marks=frozenset({"annotations", "categories"}),
    read=_read,
)
