"""What Microsoft's scoring wrapper does with a request, per site and kind of value.

Rows tagged ``run`` were seen by running the wrapper, package azureml-automl-dnn-vision 1.62.0.post1,
on a table of images; what is ``read`` stands in its source. The server in front of it, which turns the
request into that table, was not observed.
"""

from __future__ import annotations

from typing import TypeAlias

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import ANY_KIND, ANYWHERE, OTHER_KEYS, Judgement, Verdict
from pytest_visionfmt.formats.azure_training_verdicts import PAGE, error

__all__ = [
    "PAGE_SCORING",
    "PAGE_XAI",
    "SCORING_MISSPELLINGS",
    "SCORING_VERDICTS",
    "WRAPPER",
    "XAI_MISSPELLINGS",
    "XAI_VERDICTS",
    "answers_error",
    "page_only",
]

PAGE_SCORING = f"{PAGE}, Data schema for online scoring"
PAGE_XAI = f"{PAGE}, Data format for online scoring and explainability (XAI)"
WRAPPER = "azureml-automl-dnn-vision 1.62.0.post1, the wrapper that serves Microsoft's own models"

Verdicts: TypeAlias = dict[tuple[str, str, str], Verdict]

_MISSING, _TYPE, _ENUM, _FORM = "VF601", "VF602", "VF603", "VF604"
_LOW, _HIGH, _SHORT, _LONG, _UNKNOWN_KEY, _MISSPELT = "VF605", "VF606", "VF607", "VF608", "VF612", "VF613"

RUN, READ, INFERRED = Evidence.RUN, Evidence.READ, Evidence.INFERRED

SCORING_MISSPELLINGS = {"inputs": "input_data", "instances": "input_data", "column": "columns"}
XAI_MISSPELLINGS = {
    **SCORING_MISSPELLINGS,
    **dict.fromkeys(("image", "base64", "image_b64", "img_base64"), "image_base64"),
    **dict.fromkeys(("explainability", "explain"), "model_explainability"),
    **dict.fromkeys(("algorithm", "method", "xai_method"), "xai_algorithm"),
    **dict.fromkeys(("threshold", "confidence_score_threshold"), "confidence_score_threshold_multilabel"),
}


def answers_error(what: str, evidence: Evidence = RUN) -> Verdict:
    """Return the verdict on what makes the endpoint answer with an error instead of predictions."""
    return error(Reaction.LOAD_FAILS, f"the endpoint answers with an error: {what}", evidence)


def page_only(severity: Severity, says: str, evidence: Evidence, reaction: Reaction = Reaction.ACCEPTED) -> Verdict:
    """Return the verdict on what the reader takes and the page has not foreseen."""
    return Verdict(Judgement(severity, reaction, evidence, says), None)


_NOT_OBSERVED = error(
    Reaction.UNKNOWN, "what the endpoint does is not known: the server that unpacks the request was not observed",
    INFERRED,
)  # fmt: skip
_NO_TABLE = answers_error("pandas makes no table of it", INFERRED)

_JSON_VERDICTS: Verdicts = {
    (ANYWHERE, "VF010", ANY_KIND): answers_error("the request is no JSON", INFERRED),
    (ANYWHERE, "VF008", ANY_KIND): answers_error("the request is no JSON", INFERRED),
    (ANYWHERE, "VF016", ANY_KIND): answers_error("Python's JSON parser takes no raw control character", INFERRED),
    (ANYWHERE, "VF011", ANY_KIND): error(
        Reaction.VALUE_MISREAD, "Python's JSON parser keeps the last of the two, silently", INFERRED
    ),
}

_ROW, _CELL = "$.input_data.data[*]", "$.input_data.data[*][*]"
_TABLE_VERDICTS: Verdicts = {
    **_JSON_VERDICTS,
    ("$", _TYPE, ANY_KIND): _NOT_OBSERVED,
    ("$.input_data", _MISSING, ANY_KIND): _NOT_OBSERVED,
    ("$.input_data", _TYPE, ANY_KIND): _NOT_OBSERVED,
    ("$.input_data", _TYPE, "list"): error(
        Reaction.UNKNOWN,
        "what the endpoint does is not known; models fine-tuned from Hugging Face transformers take a bare list",
        INFERRED,
    ),
    ("$.input_data.columns", _MISSING, ANY_KIND): answers_error("KeyError 'image'", INFERRED),
    ("$.input_data.columns", _TYPE, ANY_KIND): _NO_TABLE,
    ("$.input_data.columns", _TYPE, "null"): answers_error("KeyError 'image'", INFERRED),
    ("$.input_data.columns", _SHORT, ANY_KIND): _NO_TABLE,
    ("$.input_data.columns", _LONG, ANY_KIND): page_only(
        Severity.ERROR, "the reader takes further columns and looks at image alone", RUN
    ),
    ("$.input_data.columns", "VF410", "empty-list"): _NO_TABLE,
    ("$.input_data.columns", "VF410", ANY_KIND): answers_error("it finds two images in one row", INFERRED),
    ("$.input_data.columns[*]", _ENUM, ANY_KIND): page_only(
        Severity.ERROR, "the reader takes further columns and looks at image alone", RUN
    ),
    ("$.input_data.data", _MISSING, ANY_KIND): answers_error("there is no row", INFERRED),
    ("$.input_data.data", _TYPE, ANY_KIND): _NO_TABLE,
    ("$.input_data.data", _TYPE, "null"): answers_error("there is no row", INFERRED),
    ("$.input_data.data", _TYPE, "object"): _NOT_OBSERVED,
    ("$.input_data.data", _SHORT, ANY_KIND): answers_error("KeyError 0"),
    ("$.input_data.index", _TYPE, ANY_KIND): _NO_TABLE,
    ("$.input_data.index", _TYPE, "null"): page_only(Severity.ERROR, "pandas takes null for no index", INFERRED),
    ("$.input_data.index[*]", _TYPE, ANY_KIND): page_only(Severity.ERROR, "pandas takes any names of rows", INFERRED),
    ("$.input_data.index", _MISSPELT, ANY_KIND): error(
        Reaction.UNKNOWN, "what the endpoint makes of other keys was not observed", INFERRED
    ),
    (_ROW, _TYPE, ANY_KIND): answers_error('ValueError "incompatible input format"; rows are strings'),
    (_ROW, _SHORT, ANY_KIND): _NO_TABLE,
    (_ROW, _LONG, ANY_KIND): page_only(
        Severity.ERROR, "the reader takes further columns and looks at image alone", RUN
    ),
    (_CELL, _TYPE, ANY_KIND): answers_error('ValueError "incompatible input format"; rows are strings'),
    (ANYWHERE, _UNKNOWN_KEY, ANY_KIND): page_only(
        Severity.WARNING, "what the endpoint makes of other keys was not observed", INFERRED, Reaction.UNKNOWN
    ),
}  # fmt: skip

SCORING_VERDICTS: Verdicts = _TABLE_VERDICTS

_BARE = (
    "in the row of index 0: the service takes every row for bare base64 and explains nothing; in another row: the "
    "endpoint answers with an error, JSONDecodeError"
)
_NOT_JSON = error(Reaction.VALUE_MISREAD, _BARE)
_NO_TRUTH = answers_error("ValueError, invalid truth value")
_PARAMETERS = "xai_parameters"
_FLAGS_OF_XRAI = answers_error("ValueError, invalid truth value; it is looked at with xrai only", READ)


def _row_verdicts(row: str) -> Verdicts:
    """Return the verdicts on the object that the string at a site holds."""
    inside = f"{row} > $"
    parameters = f"{inside}.{_PARAMETERS}"
    threshold = f"{parameters}.confidence_score_threshold_multilabel"
    return {
        (inside, "VF010", ANY_KIND): _NOT_JSON,
        (inside, "VF008", ANY_KIND): _NOT_JSON,
        (f"{inside}.image_base64", "VF016", ANY_KIND): error(
            Reaction.VALUE_MISREAD,
            f"the row is no JSON to Python's parser, which takes no raw line break; {_BARE}",
            READ,
        ),
        (inside, _TYPE, ANY_KIND): answers_error("TypeError, for it asks every row for image_base64"),
        (f"{inside}.image_base64", _MISSING, ANY_KIND): answers_error("KeyError 'image_base64'"),
        (f"{inside}.image_base64", _TYPE, ANY_KIND): answers_error("ValueError, the image is no string", READ),
        (f"{inside}.model_explainability", _TYPE, ANY_KIND): _NO_TRUTH,
        (f"{inside}.model_explainability", _FORM, ANY_KIND): _NO_TRUTH,
        (f"{inside}.model_explainability", _LOW, ANY_KIND): _NO_TRUTH,
        (f"{inside}.model_explainability", _HIGH, ANY_KIND): _NO_TRUTH,
        (parameters, _TYPE, ANY_KIND): answers_error("TypeError, it must be a mapping"),
        (f"{parameters}.xai_algorithm", _ENUM, ANY_KIND): answers_error('"Invalid explainability algorithm name"'),
        (f"{parameters}.xai_algorithm", _ENUM, "null"): answers_error('"Invalid XAI method name"', READ),
        (f"{parameters}.visualizations", _TYPE, ANY_KIND): answers_error('"Invalid boolean value"'),
        (f"{parameters}.attributions", _TYPE, ANY_KIND): answers_error('"Invalid boolean value"'),
        (threshold, _TYPE, ANY_KIND): answers_error("TypeError; with multilabel models only", READ),
        (threshold, _TYPE, "null"): answers_error("TypeError; with multilabel models only"),
        (threshold, _FORM, ANY_KIND): answers_error("ValueError; with multilabel models only", READ),
        (f"{parameters}.n_steps", _TYPE, ANY_KIND): answers_error('"Invalid value for n_steps"'),
        (f"{parameters}.n_steps", _LOW, ANY_KIND): answers_error('"Invalid value for n_steps"'),
        (f"{parameters}.n_steps", "VF420", ANY_KIND): answers_error('"Invalid value for n_steps"'),
        (f"{parameters}.approximation_method", _ENUM, ANY_KIND): answers_error(
            '"Invalid value for approximation_method"'
        ),
        **{(f"{parameters}.xrai_fast", code, ANY_KIND): _FLAGS_OF_XRAI for code in (_TYPE, _FORM, _LOW, _HIGH)},
        (f"{parameters}{OTHER_KEYS}", _UNKNOWN_KEY, ANY_KIND): page_only(
            Severity.WARNING, "the reader passes it on, and nothing looks at it", RUN
        ),
        (f"{inside}{OTHER_KEYS}", _UNKNOWN_KEY, ANY_KIND): page_only(Severity.WARNING, "the reader ignores it", READ),
    }  # fmt: skip


XAI_VERDICTS: Verdicts = {
    **_TABLE_VERDICTS,
    # A required key that is misspelt is judged as missing; these are the optional ones.
    (ANYWHERE, _MISSPELT, ANY_KIND): error(Reaction.VALUE_MISREAD, "the reader ignores it, as if it were not there"),
    **_row_verdicts(_ROW),
    **_row_verdicts(_CELL),
}
