"""What is known of a response that is not as the page has it: per site and kind of value.

The service writes a response, and whoever called it reads it. So what the service writes, by the
source of package azureml-automl-dnn-vision 1.62.0.post1, is a warning to the page at most; of the
rest there is no more to say than that the service was not seen to write it.
"""

from __future__ import annotations

from typing import TypeAlias

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import ANY_KIND, ANYWHERE, OTHER_KEYS, Judgement, Verdict
from pytest_visionfmt.formats.azure_training_verdicts import PAGE, error

__all__ = [
    "CLASSIFICATION_VERDICTS",
    "DETECTION_VERDICTS",
    "EXPLAINED_MULTICLASS_VERDICTS",
    "EXPLAINED_MULTILABEL_VERDICTS",
    "NOT_SEEN",
    "PAGE_OUTPUT",
    "PAGE_XAI_OUTPUT",
    "SCORE_MISSPELLINGS",
    "SEGMENTATION_VERDICTS",
    "only_page_warns",
]

PAGE_OUTPUT = f"{PAGE}, Data schema for online scoring, Output format"
PAGE_XAI_OUTPUT = f"{PAGE}, Data format for online scoring and explainability (XAI), Output format (XAI)"

Verdicts: TypeAlias = dict[tuple[str, str, str], Verdict]

_TYPE, _LOW, _HIGH, _SHORT, _UNKNOWN_KEY = "VF602", "VF605", "VF606", "VF607", "VF612"
_READ, _DOCUMENTED = Evidence.READ, Evidence.DOCUMENTED

SCORE_MISSPELLINGS = dict.fromkeys(("prob", "probability", "probabilities"), "probs")

_WORDS = "the service was not seen to write this"
NOT_SEEN = error(Reaction.UNKNOWN, _WORDS, Evidence.INFERRED)


def only_page_warns(says: str, evidence: Evidence = _READ) -> Verdict:
    """Return the verdict on what the service writes and the page has not foreseen."""
    return Verdict(Judgement(Severity.WARNING, Reaction.ACCEPTED, evidence, says), None)


def _written(says: str, evidence: Evidence = _READ) -> Verdict:
    """Return the verdict on a place where the service writes more than the page says."""
    judgement = Judgement(Severity.ERROR, Reaction.UNKNOWN, Evidence.INFERRED, _WORDS)
    taken = Judgement(Severity.WARNING, Reaction.ACCEPTED, evidence, says)
    return Verdict(judgement, judgement, taken=taken)


def _elsewhere(says: str, evidence: Evidence = _DOCUMENTED) -> Verdict:
    """Return the verdict on a shape that other models and other versions of the service answer with."""
    return error(Reaction.UNKNOWN, says, evidence)


_JSON_CODES = ("VF003", "VF004", "VF005", "VF008", *(f"VF{number:03}" for number in range(10, 18)))
_KEYWORD_CODES = ("VF601", "VF602", "VF603", "VF604", "VF605", "VF606", "VF607", "VF608", "VF609", "VF610", "VF613")

_VERDICTS: Verdicts = {
    **{(ANYWHERE, code, ANY_KIND): NOT_SEEN for code in (*_JSON_CODES, *_KEYWORD_CODES)},
    ("$", _TYPE, "object"): _elsewhere(
        "an endpoint of SDK v1 answers with one object, and the predictions of a batch run are one a line; the page "
        "has a list"
    ),
    (f"$[*]{OTHER_KEYS}", _UNKNOWN_KEY, ANY_KIND): only_page_warns(
        "not a documented key; until June 2023 the service wrote filename, and null under visualizations and "
        "attributions",
        _DOCUMENTED,
    ),
}

_CLASS_NUMBERS = "the service writes the classes of the dataset as they are, and integer classes as integers"
CLASSIFICATION_VERDICTS: Verdicts = {
    **_VERDICTS,
    ("$[*]", _TYPE, "list"): _elsewhere(
        "models fine-tuned from Hugging Face transformers answer with lists of label and score, their model cards say; "
        "the page has probs and labels"
    ),
    ("$[*].labels", _TYPE, "string"): _elsewhere(
        "earlier versions of models fine-tuned from Hugging Face transformers wrote the predicted class alone", _READ
    ),
    ("$[*].labels[*]", _TYPE, ANY_KIND): _written(_CLASS_NUMBERS),
}

_EXPLANATIONS = ("visualizations", "attributions")
_NULL = "where only one of visualizations and attributions is asked for, the service writes null under the other"
EXPLAINED_MULTICLASS_VERDICTS: Verdicts = {
    **CLASSIFICATION_VERDICTS,
    **{(f"$[*].{key}", _TYPE, ANY_KIND): _written(_NULL) for key in _EXPLANATIONS},
}
EXPLAINED_MULTILABEL_VERDICTS: Verdicts = {
    **CLASSIFICATION_VERDICTS,
    **{(f"$[*].{key}[*]", _TYPE, ANY_KIND): _written(f"{_NULL}, for each class") for key in _EXPLANATIONS},
}

_OBJECT = "$[*].boxes[*]"
_OUTSIDE = "the service writes boxes as the model gives them, without clamping them to the image"
DETECTION_VERDICTS: Verdicts = {
    **_VERDICTS,
    (f"{_OBJECT}.label", _TYPE, ANY_KIND): _written(_CLASS_NUMBERS, Evidence.INFERRED),
    **{
        (f"{_OBJECT}.box.{corner}", code, ANY_KIND): _written(_OUTSIDE)
        for corner in ("topX", "topY", "bottomX", "bottomY")
        for code in (_LOW, _HIGH)
    },
}

SEGMENTATION_VERDICTS: Verdicts = {
    **DETECTION_VERDICTS,
    (f"{_OBJECT}.polygon", _SHORT, ANY_KIND): _written("older models write an empty list for an empty mask"),
    (f"{_OBJECT}.polygon[*]", _SHORT, ANY_KIND): _written("older models keep contours of fewer than three points"),
}
