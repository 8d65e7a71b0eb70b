"""Records as types: a ``TypedDict`` for each format, in step with what its page documents.

A response is a list, which cannot be told from other lists at run time: its type is a ``NewType`` of one.

They serve type checkers, and ``hypothesis.strategies.from_type``, which draws real records for them.
"""

# No `from __future__ import annotations`: who reads a TypedDict at run time would take every key for required.
from typing import Any, Literal, NewType, NotRequired, TypeAlias, TypedDict

__all__ = [
    "RECORD_TYPES",
    "Attribution",
    "AzureISRecord",
    "AzureISResponse",
    "AzureMulticlassRecord",
    "AzureMulticlassResponse",
    "AzureMulticlassXAIResponse",
    "AzureMultilabelRecord",
    "AzureMultilabelResponse",
    "AzureMultilabelXAIResponse",
    "AzureODRecord",
    "AzureODResponse",
    "Box",
    "Boxes",
    "Corners",
    "Crowd",
    "ExplainedClass",
    "ExplainedClasses",
    "ImageDetails",
    "ImageFormat",
    "Outline",
    "Outlines",
    "PredictedBox",
    "PredictedOutline",
    "Scores",
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


class Scores(TypedDict):
    """What a model says of one image: a score for every class of the dataset."""

    probs: list[float]
    labels: list[str]


Attribution: TypeAlias = list[list[list[float]]]
"""A score for every pixel: channels of rows."""


class ExplainedClass(TypedDict):
    """Scores with the explanation of the highest: an image in base64, a score for every pixel."""

    probs: list[float]
    labels: list[str]
    visualizations: NotRequired[str]
    attributions: NotRequired[Attribution]


class ExplainedClasses(TypedDict):
    """Scores with an explanation for each that reaches a threshold; None where none does."""

    probs: list[float]
    labels: list[str]
    visualizations: NotRequired[list[str] | None]
    attributions: NotRequired[list[Attribution] | None]


class Corners(TypedDict):
    """The corners of a predicted box, as ratios of the image's width and height."""

    topX: float
    topY: float
    bottomX: float
    bottomY: float


class PredictedBox(TypedDict):
    """An object that a model detects."""

    box: Corners
    label: str
    score: float


class PredictedOutline(TypedDict):
    """An object that a model detects, with its contours ``x1, y1, x2, y2, ...``."""

    box: Corners
    label: str
    score: float
    polygon: list[list[float]]


class Boxes(TypedDict):
    """What a model detects in one image."""

    boxes: list[PredictedBox]


class Outlines(TypedDict):
    """What a model detects in one image, with outlines."""

    boxes: list[PredictedOutline]


AzureMulticlassResponse = NewType("AzureMulticlassResponse", list[Scores])
"""A document of ``azure-multiclass-response``."""
AzureMultilabelResponse = NewType("AzureMultilabelResponse", list[Scores])
"""A document of ``azure-multilabel-response``."""
AzureODResponse = NewType("AzureODResponse", list[Boxes])
"""A document of ``azure-od-response``."""
AzureISResponse = NewType("AzureISResponse", list[Outlines])
"""A document of ``azure-is-response``."""
AzureMulticlassXAIResponse = NewType("AzureMulticlassXAIResponse", list[ExplainedClass])
"""A document of ``azure-multiclass-xai-response``."""
AzureMultilabelXAIResponse = NewType("AzureMultilabelXAIResponse", list[ExplainedClasses])
"""A document of ``azure-multilabel-xai-response``."""

RECORD_TYPES: dict[str, Any] = {
    "azure-multiclass-record": AzureMulticlassRecord,
    "azure-multilabel-record": AzureMultilabelRecord,
    "azure-od-record": AzureODRecord,
    "azure-is-record": AzureISRecord,
    "azure-multiclass-response": AzureMulticlassResponse,
    "azure-multilabel-response": AzureMultilabelResponse,
    "azure-od-response": AzureODResponse,
    "azure-is-response": AzureISResponse,
    "azure-multiclass-xai-response": AzureMulticlassXAIResponse,
    "azure-multilabel-xai-response": AzureMultilabelXAIResponse,
}
"""The type of the records of a format of the table, by the format's id."""
