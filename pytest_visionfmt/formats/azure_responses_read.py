"""What an Azure response shows: one image an item, each class or object with its score."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject

__all__ = ["read_boxes", "read_scores"]


def read_scores(response: list[dict[str, Any]]) -> list[AnnotatedImage]:
    """Return the images of a classification response, each with every class of the dataset, as they stand."""
    return [_image(item, [_scored(*pair) for pair in _pairs(item)]) for item in response]


def read_boxes(response: list[dict[str, Any]]) -> list[AnnotatedImage]:
    """Return the images of a detection or segmentation response, boxes and outlines as the model gave them."""
    return [_image(item, [_object(found) for found in item["boxes"]]) for item in response]


def _image(item: dict[str, Any], objects: list[AnnotatedObject]) -> AnnotatedImage:
    name = item.get("filename")  # the service wrote it until June 2023
    return AnnotatedImage(name=name if isinstance(name, str) else None, objects=tuple(objects))


def _pairs(item: dict[str, Any]) -> list[tuple[Any, Any]]:
    return list(zip(item["labels"], item["probs"], strict=True))


def _scored(label: Any, score: Any) -> AnnotatedObject:
    return AnnotatedObject(label, score=float(score))


def _object(found: dict[str, Any]) -> AnnotatedObject:
    left, top, right, bottom = (float(found["box"][key]) for key in ("topX", "topY", "bottomX", "bottomY"))
    polygons = tuple(tuple(map(float, contour)) for contour in found.get("polygon", ()))
    return AnnotatedObject(found["label"], (left, top, right, bottom), polygons, score=float(found["score"]))
