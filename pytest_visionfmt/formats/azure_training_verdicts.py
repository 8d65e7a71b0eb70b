"""What Microsoft's reader does with a training record, per site and kind of value.

Every row was seen by running the reader, package azureml-automl-dnn-vision 1.62.0.post1, unless
its evidence says otherwise.
"""

from __future__ import annotations

from typing import TypeAlias

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import ANY_KIND, ANYWHERE, Judgement, Verdict

__all__ = [
    "BOX_MISSPELLINGS",
    "CLASSIFICATION_VERDICTS",
    "DETECTION_VERDICTS",
    "MULTICLASS_VERDICTS",
    "MULTILABEL_VERDICTS",
    "PAGE",
    "READER",
    "SEGMENTATION_VERDICTS",
    "error",
    "page_only_warns",
]

PAGE = (
    'Microsoft Learn, "Data schemas to train computer vision models with automated machine learning", '
    "https://learn.microsoft.com/azure/machine-learning/reference-automl-images-schema"
)
READER = "azureml-automl-dnn-vision 1.62.0.post1, the reader of Microsoft's own training jobs"

Verdicts: TypeAlias = dict[tuple[str, str, str], Verdict]

_MISSING, _TYPE, _ENUM, _FORM = "VF601", "VF602", "VF603", "VF604"
_LOW, _HIGH, _SHORT, _UNKNOWN_KEY, _MISSPELT = "VF605", "VF606", "VF607", "VF612", "VF613"

# What people write who know other formats' box keys.
BOX_MISSPELLINGS = {
    **dict.fromkeys(("xmin", "x_min", "minX", "left", "x1"), "topX"),
    **dict.fromkeys(("ymin", "y_min", "minY", "top", "y1"), "topY"),
    **dict.fromkeys(("xmax", "x_max", "maxX", "right", "x2"), "bottomX"),
    **dict.fromkeys(("ymax", "y_max", "maxY", "bottom", "y2"), "bottomY"),
}


def error(reaction: Reaction, says: str = "", evidence: Evidence = Evidence.RUN) -> Verdict:
    """Return the verdict on what costs something, and so is an error in both profiles."""
    judgement = Judgement(Severity.ERROR, reaction, evidence, says)
    return Verdict(judgement, judgement)


def _reader_accepts(says: str = "", why: str = "") -> Verdict:
    return Verdict(Judgement(Severity.ERROR, Reaction.ACCEPTED, Evidence.RUN, says), None, why)


def _reader_only_warns(reaction: Reaction, says: str, evidence: Evidence = Evidence.RUN) -> Verdict:
    return Verdict(
        Judgement(Severity.ERROR, reaction, evidence, says), Judgement(Severity.WARNING, reaction, evidence, says)
    )


def page_only_warns(says: str) -> Verdict:
    """Return the verdict on what the reader accepts and the page has not foreseen."""
    return Verdict(Judgement(Severity.WARNING, Reaction.ACCEPTED, Evidence.RUN, says), None)


_LOAD = error(Reaction.LOAD_FAILS)
_IMAGE = error(Reaction.IMAGE_SKIPPED)
_OBJECT = error(Reaction.OBJECT_DROPPED)
_CRASH = error(Reaction.JOB_CRASHES)
_DROPPED = "the training job drops an image that it cannot decode"
_IGNORED = _reader_accepts("the reader never reads image_details")

_FORMAT_PAGE = (
    'the page lists these eight and says "all the available Image formats in Pillow library are supported"; '
    'of detection it adds "But for YOLO only image formats allowed by opencv are supported"'
)

_JSON_VERDICTS: Verdicts = {
    (ANYWHERE, "VF003", ANY_KIND): error(Reaction.LOAD_FAILS, "loading the file fails, as seen with UTF-16"),
    (ANYWHERE, "VF004", ANY_KIND): _LOAD,
    (ANYWHERE, "VF005", ANY_KIND): error(Reaction.LOAD_FAILS, 'the reader stops with "No valid datapoints found"'),
    (ANYWHERE, "VF007", ANY_KIND): _LOAD,
    (ANYWHERE, "VF008", ANY_KIND): error(
        Reaction.IMAGE_SKIPPED, "the parser keeps the first object of the line and ignores the rest silently"
    ),
    (ANYWHERE, "VF010", ANY_KIND): _LOAD,
    (ANYWHERE, "VF011", ANY_KIND): error(
        Reaction.LOAD_FAILS, "the parser stops with FieldNameConflict, even where invalid lines are to be dropped"
    ),
    (ANYWHERE, "VF012", ANY_KIND): _LOAD,
    (ANYWHERE, "VF013", ANY_KIND): _LOAD,
    (ANYWHERE, "VF014", ANY_KIND): error(
        Reaction.VALUE_MISREAD, "the parser wraps it into 64 bits, or makes it a float, silently"
    ),
    (ANYWHERE, "VF015", ANY_KIND): _LOAD,
    (ANYWHERE, "VF016", ANY_KIND): page_only_warns("the reader accepts it; strict JSON parsers do not"),
    (ANYWHERE, "VF017", ANY_KIND): _LOAD,
}  # fmt: skip

# An image that the training job cannot decode is dropped, by its source; what of this the job takes for a
# failure to decode was not tried.
_IMAGE_VERDICTS: Verdicts = {
    (ANYWHERE, "VF201", ANY_KIND): error(
        Reaction.IMAGE_SKIPPED,
        "the local copy lacks it; the reader skips an image that it does not find",
        Evidence.INFERRED,
    ),
    (ANYWHERE, "VF202", ANY_KIND): error(Reaction.IMAGE_SKIPPED, _DROPPED, Evidence.READ),
    (ANYWHERE, "VF203", ANY_KIND): error(Reaction.IMAGE_SKIPPED, _DROPPED, Evidence.INFERRED),
    (ANYWHERE, "VF204", ANY_KIND): _IGNORED,
    (ANYWHERE, "VF206", ANY_KIND): _IGNORED,
}  # fmt: skip

_RECORD_VERDICTS: Verdicts = {
    **_JSON_VERDICTS,
    **_IMAGE_VERDICTS,
    ("$", _TYPE, ANY_KIND): _LOAD,
    ("$.image_url", _MISSING, ANY_KIND): _IMAGE,
    ("$.image_url", _TYPE, ANY_KIND): _IMAGE,
    ("$.image_url", _FORM, ANY_KIND): _IMAGE,
    # The short forms need a workspace to resolve, and not every malformed long one was tried.
    **{
        ("$.image_url", _FORM, kind): error(Reaction.IMAGE_SKIPPED, evidence=Evidence.INFERRED)
        for kind in ("azureml-url", "amldatastore-url")
    },
    ("$.label", _MISSING, ANY_KIND): _IMAGE,
    ("$.label", _TYPE, ANY_KIND): _IMAGE,
    ("$.image_details", _TYPE, ANY_KIND): _IGNORED,
    ("$.image_details.format", _ENUM, ANY_KIND): _reader_accepts("the reader never reads image_details", _FORMAT_PAGE),
    **{
        (f"$.image_details.{key}", code, ANY_KIND): _IGNORED
        for key in ("width", "height")
        for code in (_TYPE, _FORM, _LOW)
    },
    # The page says nothing of other keys; the reader ignores them.
    (ANYWHERE, _UNKNOWN_KEY, ANY_KIND): page_only_warns("the reader ignores it"),
    # A required key that is misspelt is judged as missing; these are the optional ones.
    (ANYWHERE, _MISSPELT, ANY_KIND): error(Reaction.VALUE_MISREAD, "the reader ignores it, as if it were not there"),
}

CLASSIFICATION_VERDICTS = _RECORD_VERDICTS
_INTEGER_CLASS = _reader_accepts("the reader takes integers for classes, and booleans as integers")
MULTICLASS_VERDICTS: Verdicts = {
    ("$.label", _TYPE, "integer"): _INTEGER_CLASS,
    ("$.label", _TYPE, "boolean"): _INTEGER_CLASS,
}
MULTILABEL_VERDICTS: Verdicts = {
    ("$.label[*]", _TYPE, ANY_KIND): _IMAGE,
    ("$.label[*]", _TYPE, "integer"): _INTEGER_CLASS,
    ("$.label[*]", _TYPE, "boolean"): _INTEGER_CLASS,
}

_SILENTLY_FALSE = "the reader takes it for false, silently"
_BY_MODEL = "the training job crashes with Faster R-CNN and Mask R-CNN; YOLOv5 and RetinaNet train"
_INTEGER_OBJECT_CLASS = _reader_only_warns(Reaction.JOB_CRASHES, _BY_MODEL)
_BOOLEAN_OBJECT_CLASS = _reader_only_warns(Reaction.JOB_CRASHES, _BY_MODEL, Evidence.INFERRED)
_OBJECT_VERDICTS: Verdicts = {
    **_RECORD_VERDICTS,
    (ANYWHERE, "VF005", ANY_KIND): error(Reaction.LOAD_FAILS, evidence=Evidence.INFERRED),
    ("$.label[*]", _TYPE, ANY_KIND): _IMAGE,
    ("$.label[*].label", _MISSING, ANY_KIND): _IMAGE,
    ("$.label[*].label", _TYPE, ANY_KIND): _IMAGE,
    ("$.label[*].label", _TYPE, "integer"): _INTEGER_OBJECT_CLASS,
    ("$.label[*].label", _TYPE, "boolean"): _BOOLEAN_OBJECT_CLASS,
    ("$.label[*].isCrowd", _ENUM, ANY_KIND): error(Reaction.VALUE_MISREAD, _SILENTLY_FALSE),
    ("$.label[*].isCrowd", _ENUM, "list"): _CRASH,
    ("$.label[*].isCrowd", _ENUM, "object"): _CRASH,
    # Who writes null means nothing by it, and false is what the reader makes of an absent key.
    ("$.label[*].isCrowd", _ENUM, "null"): _reader_only_warns(Reaction.VALUE_MISREAD, _SILENTLY_FALSE),
}

_POLYGON = "$.label[*].polygon"
_NO_POLYGON = ("zero", "empty-string", "empty-object")
_CORNERS = ("topX", "topY", "bottomX", "bottomY")
DETECTION_VERDICTS: Verdicts = {
    **_OBJECT_VERDICTS,
    **{
        (f"$.label[*].{key}", code, kind): verdict
        for key in _CORNERS
        for code, kind, verdict in (
            (_MISSING, ANY_KIND, error(
                Reaction.IMAGE_SKIPPED, "the reader skips the whole image, unless the object has a polygon")),
            (_TYPE, ANY_KIND, _IMAGE),
            (_TYPE, "numeric-string", _reader_accepts("the reader passes it through float()")),
            (_TYPE, "boolean", _reader_accepts("the reader passes it through float()")),
            (_FORM, ANY_KIND, _IMAGE),
            (_LOW, ANY_KIND, _OBJECT),
            (_HIGH, ANY_KIND, _OBJECT),
        )
    },
    **{(_POLYGON, "VF108", kind): _OBJECT for kind in ("null", "empty-list", *_NO_POLYGON)},
    (_POLYGON, "VF108", "false"): _reader_accepts("the reader takes it for absent, and the box counts"),
    (_POLYGON, "VF108", "true"): _IMAGE,
    (_POLYGON, "VF108", "string"): _IMAGE,
}  # fmt: skip

_SEGMENT_REMOVED = error(
    Reaction.OBJECT_DROPPED, "the reader removes this segment silently, and the object when none is left"
)
_EMPTY_SEGMENT = error(
    Reaction.OBJECT_DROPPED,
    "an empty segment costs the object, and the whole image where it comes last of several",
)
SEGMENTATION_VERDICTS: Verdicts = {
    **_OBJECT_VERDICTS,
    (_POLYGON, _MISSING, ANY_KIND): _OBJECT,
    (_POLYGON, _TYPE, ANY_KIND): _IMAGE,
    **{(_POLYGON, _TYPE, kind): _OBJECT for kind in ("null", *_NO_POLYGON)},
    (_POLYGON, _TYPE, "false"): error(
        Reaction.IMAGE_SKIPPED, "the reader takes it for absent; without a box the whole image is skipped"
    ),
    (_POLYGON, _TYPE, "object"): error(Reaction.JOB_CRASHES, evidence=Evidence.INFERRED),
    (_POLYGON, _SHORT, ANY_KIND): _OBJECT,
    (f"{_POLYGON}[*]", _TYPE, ANY_KIND): _IMAGE,
    (f"{_POLYGON}[*]", _SHORT, ANY_KIND): _SEGMENT_REMOVED,
    (f"{_POLYGON}[*]", _SHORT, "empty-list"): _EMPTY_SEGMENT,
    (f"{_POLYGON}[*][*]", _TYPE, ANY_KIND): _IMAGE,
    (f"{_POLYGON}[*][*]", _TYPE, "boolean"): error(Reaction.IMAGE_SKIPPED, evidence=Evidence.INFERRED),
    (f"{_POLYGON}[*][*]", _LOW, ANY_KIND): _SEGMENT_REMOVED,
    (f"{_POLYGON}[*][*]", _HIGH, ANY_KIND): _SEGMENT_REMOVED,
}
