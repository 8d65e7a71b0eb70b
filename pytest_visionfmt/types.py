"""Records as types: a ``TypedDict`` for each format, in step with what its page documents.

A response is a list, which cannot be told from other lists at run time: its type is a ``NewType`` of one.

They serve type checkers, and ``hypothesis.strategies.from_type``, which draws real records for them.
"""

# No `from __future__ import annotations`: who reads a TypedDict at run time would take every key for required.
from typing import Any, Literal, NewType, NotRequired, TypeAlias, TypedDict

__all__ = [
    "RECORD_TYPES",
    "AdapterPrediction",
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
    "AzureScoringRequest",
    "AzureXAIRequest",
    "BasePrediction",
    "BothModels",
    "Box",
    "Boxes",
    "ContentModerationResults",
    "ContentType",
    "Corners",
    "Counts",
    "Crowd",
    "EvaluationDetails",
    "EvaluationSummary",
    "ExplainedClass",
    "ExplainedClasses",
    "GroundTruth",
    "HumanLoop",
    "ImageDetails",
    "ImageFormat",
    "InputResults",
    "LabelResults",
    "Outline",
    "Outlines",
    "PredictedBox",
    "PredictedLabel",
    "PredictedOutline",
    "RekognitionEvaluation",
    "RekognitionInputRecord",
    "RekognitionModerationResponse",
    "RekognitionOutputRecord",
    "RequestTable",
    "Scores",
    "Threshold",
    "ThresholdResults",
    "TruthLabel",
    "XAIAlgorithm",
    "XAIParameters",
    "XAIRow",
]

ImageFormat: TypeAlias = Literal["jpg", "jpeg", "png", "jpe", "jfif", "bmp", "tif", "tiff"]
"""The image types that the page lists."""

Crowd: TypeAlias = bool | Literal[0, 1]
"""Whether an object is a crowd."""

Threshold: TypeAlias = Literal[5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100]
"""The thresholds of an evaluation, in percent."""


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


class TruthLabel(TypedDict):
    """One moderation label that people gave to an image: the name of a top-level label."""

    Name: str


class GroundTruth(TypedDict):
    """What people say that an image shows; no label is a safe image."""

    ModerationLabels: list[TruthLabel]


RekognitionInputRecord = TypedDict(
    "RekognitionInputRecord",
    {"source-ref": str, "content-moderation-groundtruth": GroundTruth},
)
"""A line of ``rekognition-input-record``: an image, and the labels that people gave to it."""


class PredictedLabel(TypedDict):
    """One moderation label that a model found; the parent of a top-level label is empty."""

    Confidence: float
    Name: str
    ParentName: str
    TaxonomyLevel: NotRequired[int]


class ContentType(TypedDict):
    """One kind of image that a model takes an image for."""

    Confidence: float
    Name: Literal["Animated", "Illustrated"]


class AdapterPrediction(TypedDict):
    """What an adapter finds in an image."""

    ModerationLabels: list[PredictedLabel]
    ModerationModelVersion: str
    ProjectVersion: str
    ContentTypes: NotRequired[list[ContentType]]


class BasePrediction(TypedDict):
    """What the base model finds in an image."""

    ModerationLabels: list[PredictedLabel]
    ModerationModelVersion: str
    ProjectVersion: NotRequired[str]
    ContentTypes: NotRequired[list[ContentType]]


RekognitionOutputRecord = TypedDict(
    "RekognitionOutputRecord",
    {
        "source-ref": str,
        "content-moderation-groundtruth": GroundTruth,
        "detect-moderation-labels": NotRequired[AdapterPrediction],
        "detect-moderation-labels-base-model": NotRequired[BasePrediction],
    },
)
"""A line of ``rekognition-output-record``: an image, its labels, and in the testing output both predictions."""


class Counts(TypedDict):
    """How often a model was right and wrong."""

    TruePositive: int
    TrueNegative: int
    FalsePositive: int
    FalseNegative: int


class BothModels(TypedDict):
    """Counts over all labels."""

    BaseModel: Counts
    Adapter: Counts


class LabelResults(TypedDict):
    """Counts for one label."""

    Label: str
    BaseModel: Counts
    Adapter: Counts


class InputResults(TypedDict):
    """Results at the confidence threshold of the request."""

    ConfidenceThreshold: float
    AggregatedEvaluationResults: BothModels
    LabelEvaluationResults: list[LabelResults]


class ThresholdResults(TypedDict):
    """Results at one of the twenty thresholds."""

    ConfidenceThreshold: Threshold
    AggregatedEvaluationResults: BothModels
    LabelEvaluationResults: list[LabelResults]


class ContentModerationResults(TypedDict):
    """Results at the threshold of the request, and at every fifth percent."""

    InputConfidenceThresholdEvalResults: InputResults
    AllConfidenceThresholdsEvalResults: list[ThresholdResults]


class EvaluationSummary(TypedDict):
    """The result in one number, from 0 to 1."""

    F1Score: float


class EvaluationDetails(TypedDict):
    """What was evaluated, and when."""

    EvaluationEndTimestamp: str
    Labels: list[str]
    NumberOfTestingImages: int
    NumberOfTrainingImages: int
    ProjectVersionArn: str


class RekognitionEvaluation(TypedDict):
    """A document of ``rekognition-evaluation``: how often adapter and base model were right."""

    AggregatedEvaluationResults: EvaluationSummary
    EvaluationDetails: EvaluationDetails
    ContentModeration: ContentModerationResults


class HumanLoop(TypedDict):
    """What was decided on a review by people."""

    HumanLoopArn: NotRequired[str]
    HumanLoopActivationReasons: NotRequired[list[str]]
    HumanLoopActivationConditionsEvaluationResults: NotRequired[str]


class RekognitionModerationResponse(TypedDict):
    """A document of ``rekognition-moderation-response``: what DetectModerationLabels finds in an image."""

    ModerationLabels: list[PredictedLabel]
    ModerationModelVersion: str
    HumanLoopActivationOutput: NotRequired[HumanLoop]
    ProjectVersion: NotRequired[str]
    ContentTypes: NotRequired[list[ContentType]]


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
    "rekognition-input-record": RekognitionInputRecord,
    "rekognition-output-record": RekognitionOutputRecord,
    "rekognition-evaluation": RekognitionEvaluation,
    "rekognition-moderation-response": RekognitionModerationResponse,
    "azure-scoring-request": AzureScoringRequest,
    "azure-xai-request": AzureXAIRequest,
}
"""The type of the records of a format of the table, by the format's id."""
