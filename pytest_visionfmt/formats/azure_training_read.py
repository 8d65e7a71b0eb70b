"""What an Azure training record shows, as the service's reader takes it."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, ImageClaim
from pytest_visionfmt.geometry import bounds
from pytest_visionfmt.values import as_pixels

__all__ = ["image_claim", "is_crowd", "read_classes", "read_objects"]

_TRUE = ("true", "True", "1", 1)


def is_crowd(value: Any) -> bool:
    """Whether the reader takes a value of ``isCrowd`` for true: ``"true"``, ``"True"``, ``"1"`` or 1 [run]."""
    return value in _TRUE


def _image(record: dict[str, Any], objects: list[AnnotatedObject]) -> list[AnnotatedImage]:
    details = record.get("image_details")
    details = details if isinstance(details, dict) else {}
    type_ = details.get("format")
    return [
        AnnotatedImage(
            name=record["image_url"],
            width=as_pixels(details.get("width")),
            height=as_pixels(details.get("height")),
            type=type_ if isinstance(type_, str) else None,
            objects=tuple(objects),
        )
    ]


def image_claim(value: Any) -> ImageClaim | None:
    """Return what a record of any shape says of its image's file."""
    url = value.get("image_url") if isinstance(value, dict) else None
    if not isinstance(url, str):
        return None
    details = value.get("image_details")
    details = details if isinstance(details, dict) else {}
    type_ = details.get("format")
    return ImageClaim(
        url,
        ("image_url",),
        as_pixels(details.get("width")),
        ("image_details", "width"),
        as_pixels(details.get("height")),
        ("image_details", "height"),
        type_ if isinstance(type_, str) else None,
        ("image_details", "format"),
    )


def read_classes(record: dict[str, Any]) -> list[AnnotatedImage]:
    """Return the one image of a multiclass or multilabel record, each class an object of the whole image."""
    label = record["label"]
    labels = label if isinstance(label, list) else [label]
    return _image(record, [AnnotatedObject(label) for label in labels])


def read_objects(record: dict[str, Any]) -> list[AnnotatedImage]:
    """Return the one image of a detection or segmentation record with its objects.

    An outline's box is that of all its points, which is what the reader trains with.
    """
    return _image(record, [_object(item) for item in record["label"]])


def _object(item: dict[str, Any]) -> AnnotatedObject:
    crowd = is_crowd(item["isCrowd"]) if "isCrowd" in item else None
    if "polygon" in item:
        polygons = tuple(tuple(map(float, segment)) for segment in item["polygon"])
        return AnnotatedObject(item["label"], bounds(polygons), polygons, crowd)
    left, top, right, bottom = (float(item[key]) for key in ("topX", "topY", "bottomX", "bottomY"))
    return AnnotatedObject(item["label"], (left, top, right, bottom), (), crowd)
