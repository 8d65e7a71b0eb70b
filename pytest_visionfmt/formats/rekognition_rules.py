"""The rules of Rekognition's manifests: what a schema cannot say of a record and of a whole file.

Each is a function that finds it broken, in any JSON value, and the row that names and judges it.
Those on labels are in ``rekognition_labels``, those on counts in ``rekognition_evaluation``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from pytest_visionfmt.format import File, Hit, Record, Rule
from pytest_visionfmt.formats import image_rules
from pytest_visionfmt.formats.dataset_rules import dataset_rules, other_bucket
from pytest_visionfmt.formats.file_rules import duplicate_images, first_places, lines_with
from pytest_visionfmt.formats.rekognition_clean import (
    clean_extension,
    clean_prediction_pair,
    clean_scheme,
    no_reserved_attribute,
    quick_bucket,
    quick_kind,
)
from pytest_visionfmt.formats.rekognition_verdicts import (
    ADAPTER,
    BASE_MODEL,
    CUSTOM_LABELS,
    GROUND_TRUTH,
    PAGE,
    QUOTAS,
    REPOST,
    SOURCE_REF,
    TRUTH,
    as_custom_labels,
    error,
    warning,
)
from pytest_visionfmt.image_facts import ImageLimits
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.values import plain_key, show

__all__ = [
    "ATTRIBUTE_TOO_LONG",
    "DATASET_RULES",
    "DUPLICATE_SOURCE_REF",
    "IMAGE_EXTENSION",
    "IMAGE_LIMITS",
    "IMAGE_RULES",
    "LINE_TOO_LONG",
    "MIXED_OUTPUT",
    "ONE_PREDICTION",
    "RESERVED_ATTRIBUTE",
    "SEVERAL_BUCKETS",
    "UPPER_CASE_SCHEME",
]

_LONGEST_LINE = 100_000
_LONGEST_ATTRIBUTE = 20_000
# "PNG and JPEG", 80 to "10K" pixels for width and height, and 15 MB for an object of S3, by the page.
IMAGE_LIMITS = ImageLimits(("jpg", "jpeg", "png"), min_side=80, max_side=10_000, max_bytes=15 << 20)
_S3 = re.compile(r"([sS]3)://([^/]+)/(.+)", re.DOTALL)


def _source(value: Any) -> re.Match[str] | None:
    """Return scheme, bucket and key of a record's image, None where there is nothing of the kind."""
    source = value.get(SOURCE_REF) if isinstance(value, dict) else None
    return _S3.match(source) if isinstance(source, str) else None


def _is_text(key: Any) -> bool:
    return isinstance(key, str)


def _upper_case_scheme(value: Any) -> Iterator[Hit]:
    if (source := _source(value)) and source[1] == "S3":
        yield Hit((SOURCE_REF,), 'the scheme is written "S3"; the page writes "s3"')


def _image_extension(value: Any) -> Iterator[Hit]:
    if source := _source(value):
        _, dot, extension = source[3].rpartition(".")
        if not dot or extension.lower() not in IMAGE_LIMITS.endings:
            yield Hit((SOURCE_REF,), f"the key {show(source[3])} does not end in .jpg or .png")


def _reserved_attribute(value: Any) -> Iterator[Hit]:
    for key in value if isinstance(value, dict) else ():
        if _is_text(key) and key.startswith("$"):
            yield Hit((key,), f"the key {show(key)} begins with $")


def _one_prediction(value: Any) -> Iterator[Hit]:
    # One that is misspelt is there: another rule speaks of its key.
    keys = set(map(plain_key, filter(_is_text, value))) if isinstance(value, dict) else set()
    there = [key for key in (ADAPTER, BASE_MODEL) if plain_key(key) in keys]
    if len(there) == 1:
        absent = BASE_MODEL if there == [ADAPTER] else ADAPTER
        yield Hit((absent,), f"{show(there[0])} is there and {show(absent)} is not; a testing output has both")


def _bucket(value: Any) -> Iterator[tuple[str, Path]]:
    if source := _source(value):
        yield source[2], (SOURCE_REF,)


def _truth_classes(value: Any) -> Iterator[tuple[Path, Any]]:
    labels: Path = (TRUTH, "ModerationLabels")
    found = value_at(value, labels)
    for i, label in enumerate(found if isinstance(found, list) else ()):
        if isinstance(label, dict) and "Name" in label:
            yield (*labels, i, "Name"), label["Name"]


def _other_bucket(bucket: str, first: str, line: int) -> str:
    return f"bucket {show(bucket)} here, and {show(first)} in line {line}; all images are to be in one"


def _kind_of_output(value: Any) -> Iterator[tuple[str, Path]]:
    if isinstance(value, dict):
        yield ("a testing" if {ADAPTER, BASE_MODEL} & value.keys() else "a training"), ()


def _other_kind(kind: str, first: str, line: int) -> str:
    return f"this is a line of {kind} output, and line {line} one of {first} output"


def _long_line() -> File:
    def find(raw: bytes, value: Any) -> Iterator[Hit]:
        if len(raw) > _LONGEST_LINE:  # characters are at most as many as bytes
            length = len(raw.decode("utf-8", "replace").rstrip("\r\n"))
            if length > _LONGEST_LINE:
                yield Hit((), f"a line of {length} characters; {_LONGEST_LINE} are the most")

    return lines_with(find, _LONGEST_LINE)


def _long_attribute() -> File:
    def find(raw: bytes, value: Any) -> Iterator[Hit]:
        if len(raw) > _LONGEST_ATTRIBUTE and isinstance(value, dict):
            for key, attribute in value.items():
                # In the shortest writing, so that white space is nobody's finding.
                length = len(json.dumps(attribute, ensure_ascii=False, separators=(",", ":")))
                if length > _LONGEST_ATTRIBUTE:
                    yield Hit((key,), f"an attribute of {length} characters; {_LONGEST_ATTRIBUTE} are the most")

    return lines_with(find, _LONGEST_ATTRIBUTE)


UPPER_CASE_SCHEME = Rule(
    "VF501", "upper-case-scheme", "The scheme of a source-ref is written S3 rather than s3.", PAGE,
    warning("the page writes s3 in every sample; AWS's prose elsewhere has S3"),
    Record(_upper_case_scheme, clean_scheme),
)  # fmt: skip
IMAGE_EXTENSION = Rule(
    "VF502", "image-extension", "The key of an image ends in neither .jpg nor .png.", REPOST,
    warning('an AWS answer on re:Post: an image "must be in .jpg or .png format"'),
    Record(_image_extension, clean_extension),
)  # fmt: skip
LINE_TOO_LONG = Rule(
    "VF503", "line-too-long", f"A line has more than {_LONGEST_LINE} characters.", GROUND_TRUTH,
    warning(f"by analogy with Ground Truth, whose lines have at most {_LONGEST_LINE} characters"), _long_line(),
)  # fmt: skip
ATTRIBUTE_TOO_LONG = Rule(
    "VF504", "attribute-too-long", f"The value of a key at the top has more than {_LONGEST_ATTRIBUTE} characters.",
    GROUND_TRUTH,
    warning(f"by analogy with Ground Truth, whose attributes have at most {_LONGEST_ATTRIBUTE} characters"),
    _long_attribute(),
)  # fmt: skip
RESERVED_ATTRIBUTE = Rule(
    "VF505", "reserved-attribute", "A key at the top begins with $.", GROUND_TRUTH,
    warning("by analogy with Ground Truth, whose attribute names do not begin with $"),
    Record(_reserved_attribute, no_reserved_attribute),
)  # fmt: skip
ONE_PREDICTION = Rule(
    "VF513", "one-prediction", "A record has one of the two predictions: the adapter's, or the base model's.", PAGE,
    error("the page lists both predictions for the testing output, and neither for the training output"),
    Record(_one_prediction, clean_prediction_pair),
)  # fmt: skip
SEVERAL_BUCKETS = Rule(
    "VF520", "several-buckets", "The images of a file are in more than one bucket.", PAGE,
    error(as_custom_labels("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS, the training job stops")),
    first_places(_bucket, _other_bucket, partial(quick_bucket, _bucket)),
)  # fmt: skip
DUPLICATE_SOURCE_REF = Rule(
    "VF521", "duplicate-source-ref", "Two lines of a file name the same image.", CUSTOM_LABELS,
    warning("not published; Custom Labels takes a second line for an update of the first, bulk analysis takes both"),
    duplicate_images(SOURCE_REF),
)  # fmt: skip
MIXED_OUTPUT = Rule(
    "VF522", "mixed-output", "A file has lines with predictions and lines without.", PAGE,
    warning("inferred: training output and testing output are two files"),
    first_places(_kind_of_output, _other_kind, partial(quick_kind, _kind_of_output)),
)  # fmt: skip

DATASET_RULES = (
    *dataset_rules(SOURCE_REF, _truth_classes),
    other_bucket(
        SOURCE_REF, PAGE, warning("all images of one dataset are to be in one bucket; of two, no page says so")
    ),
)
"""The rules of the manifests of one dataset beside each other."""

# Records say neither type nor size of their images.
_NEEDS_A_CLAIM = ("VF204", "VF206")
IMAGE_RULES = (
    *(rule for rule in image_rules.IMAGE_RULES if rule.code not in _NEEDS_A_CLAIM),
    *(replace(rule, source=QUOTAS) for rule in image_rules.IMAGE_LIMIT_RULES),
)
"""The rules of the images of a manifest."""
