"""Records as types: a ``TypedDict`` for each format, in step with what its page documents.

They serve type checkers, and ``hypothesis.strategies.from_type``, which draws real records for them.
"""

# No `from __future__ import annotations`: who reads a TypedDict at run time would take every key for required.
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

__all__ = [
    "RECORD_TYPES",
    "AzureISRecord",
    "AzureMulticlassRecord",
    "AzureMultilabelRecord",
    "AzureODRecord",
    "Box",
    "Crowd",
    "ImageDetails",
    "ImageFormat",
    "Outline",
]

ImageFormat: TypeAlias = Literal["jpg", "jpeg", "png", "jpe", "jfif", "bmp", "tif", "tiff"]
"""The image types that the page lists."""

Crowd: TypeAlias = bool | Literal[0, 1]
"""Whether an object is a crowd."""


class ImageDetails(TypedDict):
    """Facts about an image file; a width or height is ``400`` or ``"400px"``."""

    format: NotRequired[ImageFormat]
    width: NotRequired[int | str]
    height: NotRequired[int | str]


class Box(TypedDict):
    """A box around one object; corners are ratios of the image's width and height."""

    label: str
    topX: float
    topY: float
    bottomX: float
    bottomY: float
    isCrowd: NotRequired[Crowd]


class Outline(TypedDict):
    """The outline of one object: segments ``x1, y1, x2, y2, ...`` of ratios of width and height."""

    label: str
    isCrowd: NotRequired[Crowd]
    polygon: list[list[float]]


class AzureMulticlassRecord(TypedDict):
    """A record of ``azure-multiclass-record``: an image and its one class."""

    image_url: str
    image_details: NotRequired[ImageDetails]
    label: str


class AzureMultilabelRecord(TypedDict):
    """A record of ``azure-multilabel-record``: an image and the list of its classes."""

    image_url: str
    image_details: NotRequired[ImageDetails]
    label: list[str]


class AzureODRecord(TypedDict):
    """A record of ``azure-od-record``: an image and its boxes."""

    image_url: str
    image_details: NotRequired[ImageDetails]
    label: list[Box]


class AzureISRecord(TypedDict):
    """A record of ``azure-is-record``: an image and its outlines."""

    image_url: str
    image_details: NotRequired[ImageDetails]
    label: list[Outline]


RECORD_TYPES: dict[str, type[Any]] = {
    "azure-multiclass-record": AzureMulticlassRecord,
    "azure-multilabel-record": AzureMultilabelRecord,
    "azure-od-record": AzureODRecord,
    "azure-is-record": AzureISRecord,
}
"""The type of the records of a format of the table, by the format's id."""
