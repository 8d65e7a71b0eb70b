"""What Rekognition's moderation files show: labels of whole images."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, ImageClaim
from pytest_visionfmt.formats.rekognition_verdicts import SOURCE_REF, TRUTH

__all__ = ["image_claim", "read_response", "read_truth"]


def read_truth(record: dict[str, Any]) -> list[AnnotatedImage]:
    """Return the one image of an input or output record with the labels of its ground truth.

    What an output record predicts is not among them: an image has one set of objects, and those are
    what people annotated.
    """
    labels = record[TRUTH]["ModerationLabels"]
    objects = tuple(AnnotatedObject(label["Name"]) for label in labels)
    return [AnnotatedImage(name=record[SOURCE_REF], objects=objects)]


def image_claim(value: Any) -> ImageClaim | None:
    """Return where a record of any shape says that its image is, which is all that it says of the file."""
    source = value.get(SOURCE_REF) if isinstance(value, dict) else None
    return ImageClaim(source, (SOURCE_REF,)) if isinstance(source, str) else None


def read_response(response: dict[str, Any]) -> list[AnnotatedImage]:
    """Return the one image of a moderation response, which it does not name, with the labels found."""
    labels = response["ModerationLabels"]
    objects = tuple(AnnotatedObject(label["Name"], score=label["Confidence"] / 100) for label in labels)
    return [AnnotatedImage(objects=objects)]
