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
    "AzureScoringRequest",
    "AzureXAIRequest",
    "Box",
    "Crowd",
    "ImageDetails",
    "ImageFormat",
    "Outline",
    "RequestTable",
    "XAIAlgorithm",
    "XAIParameters",
    "XAIRow",
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


class RequestTable(TypedDict):
    """The table of a request: a row for each image, which may be a list of its one value."""

    columns: list[Literal["image"]]
    data: list[str | list[str]]
    index: NotRequired[list[int]]


class AzureScoringRequest(TypedDict):
    """A document of ``azure-scoring-request``: a table whose rows are images as base64."""

    input_data: RequestTable


class AzureXAIRequest(TypedDict):
    """A document of ``azure-xai-request``: a table whose rows are strings, the JSON of an ``XAIRow`` each."""

    input_data: RequestTable


XAIAlgorithm: TypeAlias = Literal["xrai", "integrated_gradients", "guided_gradcam", "guided_backprop"]
"""The methods of explanation that the page lists."""


class XAIParameters(TypedDict):
    """How to explain."""

    xai_algorithm: NotRequired[XAIAlgorithm]
    visualizations: NotRequired[bool]
    attributions: NotRequired[bool]
    confidence_score_threshold_multilabel: NotRequired[float]


class XAIRow(TypedDict):
    """What the JSON in a row of an ``AzureXAIRequest`` holds: an image, and what is to be explained of it."""

    image_base64: str
    model_explainability: NotRequired[bool]
    xai_parameters: NotRequired[XAIParameters]


RECORD_TYPES: dict[str, type[Any]] = {
    "azure-multiclass-record": AzureMulticlassRecord,
    "azure-multilabel-record": AzureMultilabelRecord,
    "azure-od-record": AzureODRecord,
    "azure-is-record": AzureISRecord,
    "azure-scoring-request": AzureScoringRequest,
    "azure-xai-request": AzureXAIRequest,
}
"""The type of the records of a format of the table, by the format's id."""
