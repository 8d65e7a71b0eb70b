"""Responses of an endpoint to Azure AutoML training records, as when a model labels new images: small, and right.

A response names no image, so each converter is told which images it is of.
"""

from __future__ import annotations

from typing import Any

from coco_azure import STORE, refusing, text

from pytest_visionfmt import AnnotatedImage


def _record(image: AnnotatedImage) -> dict[str, Any]:
    details = {"width": image.width, "height": image.height}
    return {"image_url": f"{STORE}{image.name}", "image_details": details, "label": []}


def _ratios(numbers: list[Any]) -> list[float]:
    """Return coordinates that are ratios, every one of them; a bool is no number."""
    if wrong := [number for number in numbers if type(number) not in (int, float) or not 0 <= number <= 1]:
        raise ValueError(f"{wrong[0]!r} is no ratio of the image")
    return numbers


@refusing
def to_detection(response: Any, images: list[AnnotatedImage]) -> list[dict[str, Any]]:
    """Return a detection record for each image, with all boxes that were found."""
    records = []
    for item, image in zip(response, images, strict=True):
        record = _record(image)
        for found in item["boxes"]:
            left, top = _ratios([found["box"]["topX"], found["box"]["topY"]])
            right, bottom = _ratios([found["box"]["bottomX"], found["box"]["bottomY"]])
            if left >= right or top >= bottom:
                raise ValueError(f"the box {found['box']} has no area")
            box = {"label": text(found["label"]), "topX": left, "topY": top, "bottomX": right, "bottomY": bottom}
            record["label"].append(box)
        records.append(record)
    return records


@refusing
def to_segmentation(response: Any, images: list[AnnotatedImage]) -> list[dict[str, Any]]:
    """Return a segmentation record for each image, with the outlines that were found."""
    records = []
    for item, image in zip(response, images, strict=True):
        record = _record(image)
        for found in item["boxes"]:
            contours = [_ratios(contour) for contour in found["polygon"]]
            if not contours or any(len(contour) < 6 or len(contour) % 2 for contour in contours):
                raise ValueError(f"{contours} is no outline")
            record["label"].append({"label": text(found["label"]), "polygon": contours})
        records.append(record)
    return records
