"""What is known of a breach in Rekognition's moderation files, per site.

Nobody outside AWS has seen the software that reads these files, so the two profiles are equal and
most reactions unknown. What the documents or the API's service model say may be an error. What
follows by analogy, from an answer of AWS's on re:Post, or from what the numbers mean, is inferred,
and a warning at most.
"""

from __future__ import annotations

from typing import TypeAlias

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import ANY_KIND, ANYWHERE, OTHER_KEYS, Judgement, Verdict
from pytest_visionfmt.formats.shared_rules import BLANK_LINE, BYTE_ORDER_MARK, SCHEMA_RULES

__all__ = [
    "ADAPTER",
    "API",
    "BASE_MODEL",
    "CUSTOM_LABELS",
    "EVALUATION_VERDICTS",
    "GROUND_TRUTH",
    "INPUT_VERDICTS",
    "OUTPUT_VERDICTS",
    "PAGE",
    "QUOTAS",
    "REPOST",
    "RESPONSE_VERDICTS",
    "SOURCE_REF",
    "TRUTH",
    "as_custom_labels",
    "error",
    "warning",
]

PAGE = (
    'Amazon Rekognition Developer Guide, "Manifest file formats", '
    "https://docs.aws.amazon.com/rekognition/latest/dg/using-adapters-manifest-files.html"
)
API = (
    'Amazon Rekognition API Reference, "DetectModerationLabels", '
    "https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html"
)
CUSTOM_LABELS = (
    'by analogy: Amazon Rekognition Custom Labels, "Non-Terminal JSON Line Validation Errors", '
    "https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/tm-debugging-json-line-errors.html"
)
GROUND_TRUTH = (
    'by analogy: Amazon SageMaker Ground Truth, "Input manifest files", '
    "https://docs.aws.amazon.com/sagemaker/latest/dg/sms-input-data-input-manifest.html"
)
REPOST = (
    'an answer of AWS\'s on re:Post, "manifest file format for custom moderation", '
    "https://repost.aws/questions/QUakAZb-uzT1CiwW_qx7N_9Q"
)

QUOTAS = (
    'Amazon Rekognition Developer Guide, "Guidelines and quotas in Amazon Rekognition", '
    "https://docs.aws.amazon.com/rekognition/latest/dg/limits.html"
)

SOURCE_REF, TRUTH = "source-ref", "content-moderation-groundtruth"
ADAPTER, BASE_MODEL = "detect-moderation-labels", "detect-moderation-labels-base-model"

Verdicts: TypeAlias = dict[tuple[str, str, str], Verdict]

_MISSING, _TYPE, _ENUM, _FORM = "VF601", "VF602", "VF603", "VF604"
_LOW, _HIGH, _REPEATED, _UNKNOWN_KEY = "VF605", "VF606", "VF610", "VF612"


def error(says: str, reaction: Reaction = Reaction.UNKNOWN) -> Verdict:
    """Return the verdict on what the documents or the service model rule out."""
    judgement = Judgement(Severity.ERROR, reaction, Evidence.DOCUMENTED, says)
    return Verdict(judgement, judgement)


def warning(says: str, reaction: Reaction = Reaction.UNKNOWN) -> Verdict:
    """Return the verdict on what is inferred: by analogy, from re:Post, or from what numbers mean."""
    judgement = Judgement(Severity.WARNING, reaction, Evidence.INFERRED, says)
    return Verdict(judgement, judgement)


def as_custom_labels(what: str) -> str:
    """Return the words for what only the documents of the sister feature say."""
    return f"not published; by analogy with Custom Labels, where it is documented: {what}"


def _at(sites: tuple[str, ...], codes: tuple[str, ...], verdict: Verdict) -> Verdicts:
    return {(site, code, ANY_KIND): verdict for site in sites for code in codes}


def _by_keyword(says: str) -> Verdicts:
    """Return the verdicts on every keyword of a schema where no site says more."""
    codes = tuple(rule.code for rule in SCHEMA_RULES if rule.code != _UNKNOWN_KEY)
    return {
        **_at((ANYWHERE,), codes, error(says)),
        (ANYWHERE, _UNKNOWN_KEY, ANY_KIND): warning("not a documented key", Reaction.ACCEPTED),
    }


# Ground Truth passes the keys that it does not know through, and boto3 adds one of its own to a response.
_OTHER_KEYS_PASS: Verdicts = {(f"${OTHER_KEYS}", _UNKNOWN_KEY, ANY_KIND): Verdict(None, None)}

_INVALID_LINE = error(as_custom_labels("ERROR_INVALID_JSON_LINE, the line is dropped"))
_FILE_VERDICTS = _at(
    (ANYWHERE,),
    ("VF006",),
    warning("nothing asks for it; appended to with `cat`, the file loses a record: two would share a line",
            Reaction.ACCEPTED),
)  # fmt: skip
_MARK = _at((ANYWHERE,), (BYTE_ORDER_MARK.code,), warning("parsers of JSON that do not look for it stop"))

_SOURCE = f"$['{SOURCE_REF}']"
_TRUTH = f"$['{TRUTH}']"
_LABELS = f"{_TRUTH}.ModerationLabels"
_NAME = f"{_LABELS}[*].Name"

_NOT_AN_IMAGE = error(as_custom_labels("ERROR_INVALID_IMAGE, the line is dropped"))
_IMAGE_VERDICTS: Verdicts = {
    **_at((ANYWHERE,), ("VF201",), error(
        "the local copy lacks it; what custom moderation does with an image that is not there is not published")),
    **_at((ANYWHERE,), ("VF202", "VF203"), _NOT_AN_IMAGE),
    **_at((ANYWHERE,), ("VF205",), warning("whether the service goes by the name or by the bytes is not known")),
    **_at((ANYWHERE,), ("VF209",), warning("S3 takes such a key; it was not looked for in the local copy")),
    **_at((ANYWHERE,), ("VF211", "VF213"), error("the quotas of Rekognition rule it out")),
    **_at((ANYWHERE,), ("VF212",), error(
        "the quotas of Rekognition rule it out; which error it gives is not published; by analogy with Custom Labels, "
        "ERROR_INVALID_IMAGE_DIMENSION")),
}  # fmt: skip

INPUT_VERDICTS: Verdicts = {
    **_FILE_VERDICTS,
    **_IMAGE_VERDICTS,
    **_at((ANYWHERE,), ("VF003", "VF004", "VF007", "VF008", "VF010", "VF012", "VF016"), _INVALID_LINE),
    **_at((ANYWHERE,), ("VF005",), error(as_custom_labels("the training job stops"))),
    **_MARK,
    **_at((ANYWHERE,), (BLANK_LINE.code,), warning(
        as_custom_labels("the line counts as a record, and as an invalid one"))),
    **_by_keyword("what custom moderation does with it is not published"),
    **_OTHER_KEYS_PASS,
    **_at(("$",), (_TYPE,), _INVALID_LINE),
    **_at((_SOURCE,), (_MISSING,), error(as_custom_labels("ERROR_MISSING_SOURCE_REF, the line is dropped"))),
    **_at((_SOURCE,), (_TYPE, _FORM), error(
        as_custom_labels("ERROR_INVALID_SOURCE_REF_FORMAT, the line is dropped"))),
    **_at((_TRUTH,), (_MISSING,), error(as_custom_labels("ERROR_NO_LABEL_ATTRIBUTES, the line is dropped"))),
    **_at((_TRUTH, _LABELS, f"{_LABELS}[*]", _NAME), (_TYPE,), error(
        as_custom_labels("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT, the line is dropped"))),
    **_at((_LABELS, _NAME), (_MISSING,), error(
        as_custom_labels("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT, the line is dropped"))),
}  # fmt: skip

_WRITTEN = "the documents show the service writing it otherwise; what reads it is not known"
_CONTENT_TYPE = warning("the documents name these two content types, and do not say that there are no others")

OUTPUT_VERDICTS: Verdicts = {
    **_FILE_VERDICTS,
    **_IMAGE_VERDICTS,
    **_MARK,
    **_at((ANYWHERE,), (BLANK_LINE.code,), warning("readers of JSON Lines that do not pass over it stop")),
    **_by_keyword(_WRITTEN),
    **_OTHER_KEYS_PASS,
    **_at(tuple(f"$['{key}'].ContentTypes[*].Name" for key in (ADAPTER, BASE_MODEL)), (_ENUM,), _CONTENT_TYPE),
}

EVALUATION_VERDICTS: Verdicts = {
    **_FILE_VERDICTS,
    **_MARK,
    **_by_keyword(_WRITTEN),
    **_at(("$.AggregatedEvaluationResults.F1Score",), (_LOW, _HIGH), warning(
        "by analogy with Custom Labels, whose F1 score is a value between 0 and 1")),
    **_at(("$.EvaluationDetails.EvaluationEndTimestamp",), (_FORM,), warning(
        "the page says \"datetime\"; by analogy with Custom Labels, it is in ISO 8601")),
    **_at(("$.EvaluationDetails.Labels",), (_REPEATED,), warning(
        "inferred: a label that the adapter was trained on is one label")),
}  # fmt: skip

RESPONSE_VERDICTS: Verdicts = {
    **_FILE_VERDICTS,
    **_MARK,
    **_by_keyword(_WRITTEN),
    **_OTHER_KEYS_PASS,
    **_at(("$.ModerationModelVersion",), (_MISSING,), warning(
        "every sample of the documents has it; without it the taxonomy of the labels is not known")),
    **_at(("$.ContentTypes[*].Name",), (_ENUM,), _CONTENT_TYPE),
}  # fmt: skip
