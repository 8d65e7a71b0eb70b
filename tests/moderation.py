"""The moderation records and documents that tests begin from, and the service model that judges them from outside."""

from __future__ import annotations

from importlib import import_module
from typing import Any

TRUTH = "content-moderation-groundtruth"
ADAPTER, BASE_MODEL = "detect-moderation-labels", "detect-moderation-labels-base-model"
ARN = "arn:aws:rekognition:us-east-1:111122223333:project/my-project/version/my-adapter/1700000000000"
MODELS = ("BaseModel", "Adapter")
KEYS = ("TruePositive", "TrueNegative", "FalsePositive", "FalseNegative")
GRID = range(5, 101, 5)


def manifest_record(*names: str, ref: str = "s3://foo/bar/1.jpg", **more: Any) -> dict[str, Any]:
    return {"source-ref": ref, TRUTH: {"ModerationLabels": [{"Name": name} for name in names]}, **more}


def found_label(name: Any, parent: Any = "", confidence: Any = 98.5, **more: Any) -> dict[str, Any]:
    return {"Confidence": confidence, "Name": name, "ParentName": parent, **more}


def prediction(*labels: Any, version: Any = "7.0", **more: Any) -> dict[str, Any]:
    return {"ModerationLabels": list(labels), "ModerationModelVersion": version, "ProjectVersion": ARN, **more}


def output_record(*labels: Any, **more: Any) -> dict[str, Any]:
    """Return a line of a testing output where the adapter found these labels, and the base model none."""
    return {**manifest_record("Violence"), ADAPTER: prediction(*labels, **more), BASE_MODEL: prediction()}


def response(*labels: Any, **more: Any) -> dict[str, Any]:
    return {"ModerationLabels": list(labels), "ModerationModelVersion": "7.0", **more}


Scores = dict[str, dict[str, float]]
"""Of one image: by model and label, the confidence of what was found."""


def evaluation(
    labels: list[str], truth: list[set[str]], scores: list[Scores], *, threshold: float = 67.5, by_image: bool = False
) -> dict[str, Any]:
    """Return the evaluation that follows from images: what they show, and what each model found how surely."""

    def found(image: int, model: str, label: str, low: float) -> bool:
        return scores[image].get(model, {}).get(label, -1.0) >= low

    def counts(pairs: list[tuple[bool, bool]]) -> dict[str, int]:
        names = {(True, True): KEYS[0], (False, False): KEYS[1], (False, True): KEYS[2], (True, False): KEYS[3]}
        return {key: sum(names[pair] == key for pair in pairs) for key in KEYS}

    def results(low: float) -> dict[str, Any]:
        images = range(len(truth))
        rows: list[dict[str, Any]] = [
            {
                "Label": label,
                **{m: counts([(label in truth[i], found(i, m, label, low)) for i in images]) for m in MODELS},
            }
            for label in labels
        ]
        total: dict[str, Any] = {m: {key: sum(row[m][key] for row in rows) for key in KEYS} for m in MODELS}
        if by_image:
            unsafe = [bool(truth[i] & set(labels)) for i in images]
            total = {m: counts([(unsafe[i], any(found(i, m, x, low) for x in labels)) for i in images]) for m in MODELS}
        return {"ConfidenceThreshold": low, "AggregatedEvaluationResults": total, "LabelEvaluationResults": rows}

    return {
        "AggregatedEvaluationResults": {"F1Score": 0.5},
        "EvaluationDetails": {
            "EvaluationEndTimestamp": "2023-11-21T07:30:23.910943",
            "Labels": labels,
            "NumberOfTestingImages": len(truth),
            "NumberOfTrainingImages": 40,
            "ProjectVersionArn": ARN,
        },
        "ContentModeration": {
            "InputConfidenceThresholdEvalResults": results(threshold),
            "AllConfidenceThresholdsEvalResults": [results(low) for low in GRID],
        },
    }


def plain_evaluation(**options: Any) -> dict[str, Any]:
    """Return an evaluation of four images, two of them with alcohol and one with violence."""
    truth: list[set[str]] = [{"Alcohol"}, {"Alcohol", "Violence"}, set(), set()]
    scores: list[Scores] = [
        {"BaseModel": {"Alcohol": 52.0}, "Adapter": {"Alcohol": 97.0}},
        {"BaseModel": {"Violence": 81.0}, "Adapter": {"Alcohol": 66.0, "Violence": 83.0}},
        {"BaseModel": {"Alcohol": 74.0}, "Adapter": {"Alcohol": 12.0}},
        {},
    ]
    return evaluation(["Alcohol", "Violence"], truth, scores, **options)


# botocore has no type hints, so it is imported by name.


def service_model() -> Any:
    """Return botocore's model of the Rekognition API, read from its own files: nothing is asked of AWS."""
    description = import_module("botocore.loaders").Loader().load_service_model("rekognition", "service-2")
    return import_module("botocore.model").ServiceModel(description)


def output_shape(operation: str) -> Any:
    return service_model().operation_model(operation).output_shape


def model_errors(value: Any, shape: Any) -> str:
    """Return what the service model has against a value, nothing where it has nothing."""
    report = import_module("botocore.validate").ParamValidator().validate(value, shape)
    return str(report.generate_report())
