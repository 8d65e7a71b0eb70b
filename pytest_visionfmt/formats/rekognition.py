"""Amazon Rekognition content moderation: manifests of custom moderation, its evaluation, the response."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.format import Format
from pytest_visionfmt.formats.rekognition_evaluation import EVALUATION_RULES
from pytest_visionfmt.formats.rekognition_job_rules import EVALUATION_JOB_RULES, INPUT_JOB_RULES, OUTPUT_JOB_RULES
from pytest_visionfmt.formats.rekognition_labels import GROUND_TRUTH_LABELS, predicted_labels
from pytest_visionfmt.formats.rekognition_read import image_claim, read_response, read_truth
from pytest_visionfmt.formats.rekognition_rules import (
    ATTRIBUTE_TOO_LONG,
    DATASET_RULES,
    DUPLICATE_SOURCE_REF,
    IMAGE_EXTENSION,
    IMAGE_LIMITS,
    IMAGE_RULES,
    LINE_TOO_LONG,
    MIXED_OUTPUT,
    ONE_PREDICTION,
    RESERVED_ATTRIBUTE,
    SEVERAL_BUCKETS,
    UPPER_CASE_SCHEME,
)
from pytest_visionfmt.formats.rekognition_verdicts import (
    ADAPTER,
    API,
    BASE_MODEL,
    EVALUATION_VERDICTS,
    INPUT_VERDICTS,
    OUTPUT_VERDICTS,
    PAGE,
    RESPONSE_VERDICTS,
    SOURCE_REF,
    TRUTH,
)
from pytest_visionfmt.formats.shared_rules import BLANK_LINE, BYTE_ORDER_MARK, JSON_RULES, SCHEMA_RULES
from pytest_visionfmt.values import plain_key

__all__ = ["FORMATS"]

_SHARED = (*JSON_RULES, BYTE_ORDER_MARK, *SCHEMA_RULES)
_MANIFEST = (
    *_SHARED,
    *IMAGE_RULES,
    BLANK_LINE,
    UPPER_CASE_SCHEME,
    IMAGE_EXTENSION,
    LINE_TOO_LONG,
    ATTRIBUTE_TOO_LONG,
    RESERVED_ATTRIBUTE,
    *GROUND_TRUTH_LABELS,
    SEVERAL_BUCKETS,
    DUPLICATE_SOURCE_REF,
)

# Keys that show which of the files it is, however they are spelt.
_PREDICTIONS = frozenset(map(plain_key, (ADAPTER, BASE_MODEL)))
_MANIFEST_MARKS = frozenset({SOURCE_REF, TRUTH})
_EVALUATION_MARKS = frozenset({"AggregatedEvaluationResults", "EvaluationDetails", "ContentModeration"})
_RESPONSE_MARKS = frozenset({"ModerationLabels", "ModerationModelVersion"})
_IMAGE = frozenset(map(plain_key, _MANIFEST_MARKS))


def _keys(value: Any) -> set[str]:
    return set(map(plain_key, value)) if isinstance(value, dict) else set()


def _shows_no_predictions(value: Any) -> int:
    # Without this, an output record with something wrong in its predictions would be a clean input
    # record: keys that a manifest does not know pass through.
    return -1 if _PREDICTIONS & _keys(value) else 0


def _shows_predictions(value: Any) -> int:
    return 3 if _PREDICTIONS & _keys(value) else 0


def _shows_evaluation(value: Any) -> int:
    return 3 if set(map(plain_key, _EVALUATION_MARKS)) & _keys(value) else 0


def _shows_response(value: Any) -> int:
    # In a manifest these keys stand further down, which a text that is no JSON does not show.
    keys = _keys(value)
    return -1 if _IMAGE & keys else 3 if set(map(plain_key, _RESPONSE_MARKS)) & keys else 0


FORMATS = (
    Format(
        "rekognition-input-record",
        "Amazon Rekognition custom moderation, input manifest",
        PAGE,
        "jsonl",
        {"documented": "rekognition/input-record.schema.json"},
        rules=(*_MANIFEST, *INPUT_JOB_RULES, *DATASET_RULES),
        verdicts=INPUT_VERDICTS,
        marks=_MANIFEST_MARKS,
        specific=_shows_no_predictions,
        read=read_truth,
        image_claim=image_claim,
        image_limits=IMAGE_LIMITS,
    ),
    Format(
        "rekognition-output-record",
        "Amazon Rekognition custom moderation, output manifest",
        PAGE,
        "jsonl",
        {"documented": "rekognition/output-record.schema.json"},
        rules=(*_MANIFEST, *predicted_labels(whole=False), ONE_PREDICTION, MIXED_OUTPUT, *OUTPUT_JOB_RULES),
        verdicts=OUTPUT_VERDICTS,
        marks=_MANIFEST_MARKS,
        specific=_shows_predictions,
        read=read_truth,
        image_claim=image_claim,
        image_limits=IMAGE_LIMITS,
    ),
    Format(
        "rekognition-evaluation",
        "Amazon Rekognition custom moderation, evaluation results",
        PAGE,
        "json",
        {"documented": "rekognition/evaluation.schema.json"},
        rules=(*_SHARED, *EVALUATION_RULES, *EVALUATION_JOB_RULES),
        verdicts=EVALUATION_VERDICTS,
        marks=_EVALUATION_MARKS,
        specific=_shows_evaluation,
    ),
    Format(
        "rekognition-moderation-response",
        "Amazon Rekognition, response of DetectModerationLabels",
        API,
        "json",
        {"documented": "rekognition/moderation-response.schema.json"},
        rules=(*_SHARED, *predicted_labels(whole=True)),
        verdicts=RESPONSE_VERDICTS,
        marks=_RESPONSE_MARKS,
        specific=_shows_response,
        read=read_response,
    ),
)
