"""COCO documents to Azure AutoML training records and back: small, and right."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

STORE = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"


def refusing(convert: Callable[..., Any]) -> Callable[..., Any]:
    """Raise ``ValueError`` for data that is not of the source format, whatever it is that stumbles over it."""

    @wraps(convert)
    def converter(*source: Any) -> Any:
        try:
            return convert(*source)
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise ValueError(f"not a valid source: {type(error).__name__}: {error}") from error

    return converter


def _check(document: dict[str, Any]) -> None:
    images = {image["id"] for image in document["images"]}
    for annotation in document["annotations"]:
        if annotation["image_id"] not in images:
            raise ValueError(f"annotation {annotation['id']} names an image that is not there")


def _record(image: dict[str, Any]) -> dict[str, Any]:
    width, height = image["width"] + 0, image["height"] + 0
    return {"image_url": STORE + image["file_name"], "image_details": {"width": width, "height": height}, "label": []}


def text(value: Any) -> str:
    """Return a value that is text and can be written as UTF-8, which half of a surrogate pair cannot."""
    if not isinstance(value, str) or value.encode().decode() != value:
        raise ValueError(f"{value!r} is no text")
    return value


def _named(category: dict[str, Any]) -> str:
    return text(category["name"])


@refusing
def to_detection(document: Any) -> list[dict[str, Any]]:
    """Return a detection record for each image of a COCO document."""
    _check(document)
    names = {category["id"]: _named(category) for category in document["categories"]}
    records = {image["id"]: _record(image) for image in document["images"]}
    for annotation in document["annotations"]:
        record = records[annotation["image_id"]]
        width, height = record["image_details"]["width"], record["image_details"]["height"]
        x, y, across, down = annotation["bbox"]
        box = {
            "label": names[annotation["category_id"]],
            "topX": x / width,
            "topY": y / height,
            "bottomX": min((x + across) / width, 1.0),
            "bottomY": min((y + down) / height, 1.0),
            "isCrowd": annotation.get("iscrowd", 0),
        }
        record["label"].append(box)
    return list(records.values())


@refusing
def to_segmentation(document: Any) -> list[dict[str, Any]]:
    """Return a segmentation record for each image; an object without an outline gets its box, a crowd is left out."""
    _check(document)
    names = {category["id"]: _named(category) for category in document["categories"]}
    records = {image["id"]: _record(image) for image in document["images"]}
    for annotation in document["annotations"]:
        record = records[annotation["image_id"]]
        width, height = record["image_details"]["width"], record["image_details"]["height"]
        x, y, across, down = annotation["bbox"]
        polygons = annotation.get("segmentation", [])
        if isinstance(polygons, dict):
            continue
        if not polygons:
            polygons = [[x, y, x + across, y, x + across, y + down, x, y + down]]
        ratios = [[min(v / (height if i % 2 else width), 1.0) for i, v in enumerate(polygon)] for polygon in polygons]
        crowd = annotation.get("iscrowd", 0)
        record["label"].append({"label": names[annotation["category_id"]], "polygon": ratios, "isCrowd": crowd})
    return list(records.values())


def size(record: dict[str, Any]) -> tuple[int, int]:
    """Return the width and height of a record's image, which may be text such as ``"400px"``."""
    details = record["image_details"]
    width, height = (int(str(details[key]).removesuffix("px")) for key in ("width", "height"))
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31):
        raise ValueError(f"{width} x {height} pixels are no image")
    return width, height


def _document(records: list[dict[str, Any]]) -> dict[str, Any]:
    labels = dict.fromkeys(text(item["label"]) for record in records for item in record["label"])
    document: dict[str, Any] = {"images": [], "annotations": [], "categories": []}
    document["categories"] = [{"id": i, "name": name} for i, name in enumerate(labels, 1)]
    for i, record in enumerate(records, 1):
        width, height = size(record)
        name = text(record["image_url"].partition("/paths/")[2])
        if not name or not name.isprintable():
            raise ValueError(f"{name!r} is no name of a file")
        document["images"].append({"id": i, "width": width, "height": height, "file_name": name})
    return document


def _add(document: dict[str, Any], image: int, label: str, box: list[float], crowd: Any) -> dict[str, Any]:
    """Add an annotation; left, top, right and bottom are in pixels."""
    left, top, right, bottom = box
    if not (0 <= left < right < math.inf and 0 <= top < bottom < math.inf) or crowd not in (0, 1):
        raise ValueError(f"{box} with isCrowd {crowd!r} is no object")
    categories = {category["name"]: category["id"] for category in document["categories"]}
    annotation = {
        "id": len(document["annotations"]) + 1,
        "image_id": image,
        "category_id": categories[label],
        "bbox": [left, top, right - left, bottom - top],
        "area": (right - left) * (bottom - top),
        "iscrowd": int(crowd),
    }
    document["annotations"].append(annotation)
    return annotation


@refusing
def from_detection(records: Any) -> dict[str, Any]:
    """Return one COCO document for detection records that say the sizes of their images."""
    document = _document(records)
    for i, record in enumerate(records, 1):
        width, height = size(record)
        for item in record["label"]:
            box = [item["topX"] * width, item["topY"] * height, item["bottomX"] * width, item["bottomY"] * height]
            _add(document, i, item["label"], box, item.get("isCrowd", 0))
    return document


@refusing
def from_segmentation(records: Any) -> dict[str, Any]:
    """Return one COCO document for segmentation records that say the sizes of their images."""
    document = _document(records)
    for i, record in enumerate(records, 1):
        width, height = size(record)
        for item in record["label"]:
            polygons = [[v * (height if j % 2 else width) for j, v in enumerate(p)] for p in item["polygon"]]
            if any(len(polygon) < 6 or len(polygon) % 2 for polygon in polygons):
                raise ValueError(f"{item['polygon']} is no outline")
            xs = [x for polygon in polygons for x in polygon[0::2]]
            ys = [y for polygon in polygons for y in polygon[1::2]]
            box = [min(xs), min(ys), max(xs), max(ys)]
            annotation = _add(document, i, item["label"], box, item.get("isCrowd", 0))
            annotation["segmentation"] = polygons
    return document
