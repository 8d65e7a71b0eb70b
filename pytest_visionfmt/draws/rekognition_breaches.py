"""The breach of every rule of Rekognition's manifests and responses: what their schemas cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pytest_visionfmt.breaches import Breach, Breaches, Consequence, FileBreach
from pytest_visionfmt.draws.line_files import as_lines
from pytest_visionfmt.draws.rekognition_files import make_one_manifest
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.moderation_taxonomy import LATEST, TAXONOMIES
from pytest_visionfmt.formats.rekognition_rules import (
    ATTRIBUTE_TOO_LONG,
    DUPLICATE_SOURCE_REF,
    IMAGE_EXTENSION,
    LINE_TOO_LONG,
    MIXED_OUTPUT,
    ONE_PREDICTION,
    RESERVED_ATTRIBUTE,
    SEVERAL_BUCKETS,
    UPPER_CASE_SCHEME,
)
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, SOURCE_REF, TRUTH
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.values import fresh, plain_key, show

__all__ = ["moderation_breaches"]

# Rules that are made with arguments are known here by their codes.
_LOWER_LEVEL, _UNKNOWN_LABEL, _OLDER_LABEL = "VF506", "VF507", "VF508"
_UNKNOWN_VERSION, _NOT_IN_TAXONOMY, _MISSING_ANCESTOR = "VF510", "VF511", "VF512"

_SOURCE = (SOURCE_REF,)
_NAME = (TRUTH, "ModerationLabels", 0, "Name")
_LEVEL = "TaxonomyLevel"
_ARN = "arn:aws:rekognition:us-east-1:111122223333:project/my-project/version/my-adapter/1700000000000"
_FOUND = {"Confidence": 99.5, "Name": "Violence", "ParentName": ""}
_LEVELS = {(row.name, row.parent): row.level for row in TAXONOMIES[LATEST]}
_NAMES = {row.name for row in TAXONOMIES[LATEST]}


def moderation_breaches(format_: Format, profile: Profile) -> Breaches:
    """Return what is broken in a manifest, or in a response, beyond its schema."""
    if format_.id == "rekognition-moderation-response":
        return Breaches(record=tuple(_predictions(())), also=partial(_also_predicted, [()]))
    manifest = (*_images(), *_truth())
    tidy = partial(make_one_manifest, format_=format_, profile=profile)
    if format_.id == "rekognition-input-record":
        return Breaches(record=manifest, file=_FILES, also=_also_source, tidy=tidy)
    blocks: list[Path] = [(ADAPTER,), (BASE_MODEL,)]
    predicted = [breach for block in blocks for breach in _predictions(block)]
    return Breaches(
        record=(*manifest, *predicted, *_one_prediction()),
        file=(*_FILES, FileBreach("a line of the other kind of output", _of_other_kind, least=2)),
        also=partial(_also_output, blocks),
        tidy=tidy,
    )


# Images and ground truth.


def _images() -> Iterator[Breach]:
    scheme = (Consequence(UPPER_CASE_SCHEME.code),)
    yield Breach(_SOURCE, "the scheme in capitals", lambda image: f"S{image[1:]}", scheme, holds="string")
    other = (Consequence(IMAGE_EXTENSION.code),)
    for change, extension in (("a GIF", ".gif"), ("no extension", "/a"), ("a dot and nothing behind it", ".")):
        yield Breach(_SOURCE, change, partial(_with_extension, extension), other, holds="string")
    reserved = (Consequence(RESERVED_ATTRIBUTE.code, ("$note",)),)
    yield Breach((), "a key that begins with $", lambda value: {**value, "$note": "a"}, reserved, holds="object")


def _with_extension(extension: str, image: str) -> str:
    return f"{image.rpartition('.')[0]}{extension}"


def _truth() -> Iterator[Breach]:
    for name, what, rule in (
        ("Weapons", "a label of the second level", _LOWER_LEVEL),
        ("Smoking", "a label of the third level", _LOWER_LEVEL),
        ("Nudity", "a label of the second level of 6.1", _LOWER_LEVEL),
        ("Rude Gesture", "as the page's own sample has it", _UNKNOWN_LABEL),
        ("alcohol", "in small letters", _UNKNOWN_LABEL),
        ("", "no name at all", _UNKNOWN_LABEL),
        ("Suggestive", "of the top level of 6.1", _OLDER_LABEL),
        ("Explicit Nudity", "of the top level of 6.1, and of the second of 7.0", _OLDER_LABEL),
    ):
        yield put(_NAME, f"{show(name)}, {what}", name, [Consequence(rule)])


def _also_source(value: Any, place: Path) -> Iterator[Consequence]:
    """Yield what else is wrong with a broken address: a line break behind it is part of the extension."""
    image = value_at(value, _SOURCE)
    if place == _SOURCE and isinstance(image, str) and image[:5].lower() == "s3://":
        key = image[5:].partition("/")[2]
        if key and not key.lower().endswith((".jpg", ".jpeg", ".png")):
            yield Consequence(IMAGE_EXTENSION.code, _SOURCE)


# Predictions.


def _predictions(block: Path) -> Iterator[Breach]:
    labels = (*block, "ModerationLabels")
    label = (*labels, 0)
    version = (*block, "ModerationModelVersion")
    for name in ("8.0", "7", ""):
        yield put(version, f"{show(name)}, a version nobody knows", name, [Consequence(_UNKNOWN_VERSION)])
    for name, what in (("Suggestive", "of 6.1"), ("violence", "in small letters"), ("Rude Gesture", "of no version")):
        yield put((*label, "Name"), f"{show(name)}, {what}", name, [Consequence(_NOT_IN_TAXONOMY)])
    yield put((*label, "ParentName"), '"Nudity", no parent', "Nudity", [Consequence(_NOT_IN_TAXONOMY)])
    other_level = (Consequence(_NOT_IN_TAXONOMY, (_LEVEL,)),)
    yield Breach(label, "the level of another label", _at_other_level, other_level, holds="object")
    orphan = {**_FOUND, "Name": "Air Crash", "ParentName": "Crashes"}
    yield put(labels, "a label without the one above it", [orphan], [Consequence(_MISSING_ANCESTOR, (0, "ParentName"))])


def _at_other_level(label: dict[str, Any]) -> dict[str, Any]:
    return {**label, _LEVEL: _LEVELS[label["Name"], label["ParentName"]] % 3 + 1}


def _also_predicted(blocks: list[Path], value: Any, place: Path) -> Iterator[Consequence]:
    """Yield what no longer fits in the block that a breach is in: a label and its row, a label and its parent."""
    for block in blocks:
        if place[: len(block)] != block:
            continue
        found = value_at(value, (*block, "ModerationLabels"))
        labels = (
            [(i, label) for i, label in enumerate(found) if isinstance(label, dict)] if isinstance(found, list) else []
        )
        known = value_at(value, (*block, "ModerationModelVersion")) == LATEST
        for i, label in labels:
            name, parent = label.get("Name"), label.get("ParentName")
            at = (*block, "ModerationLabels", i)
            if known and isinstance(name, str) and isinstance(parent, str):
                yield from _against_taxonomy(name, parent, label.get(_LEVEL), at)
            if parent and isinstance(parent, str) and not any(x.get("Name") == parent for j, x in labels if j != i):
                yield Consequence(_MISSING_ANCESTOR, (*at, "ParentName"))


def _against_taxonomy(name: str, parent: str, level: Any, at: Path) -> Iterator[Consequence]:
    if name not in _NAMES:
        yield Consequence(_NOT_IN_TAXONOMY, (*at, "Name"))
    elif (name, parent) not in _LEVELS:
        yield Consequence(_NOT_IN_TAXONOMY, (*at, "ParentName"))
    elif isinstance(level, int | float) and not isinstance(level, bool) and level != _LEVELS[name, parent]:
        yield Consequence(_NOT_IN_TAXONOMY, (*at, _LEVEL))


# Output records.


def _one_prediction() -> Iterator[Breach]:
    for key, other in ((ADAPTER, BASE_MODEL), (BASE_MODEL, ADAPTER)):
        alone = (Consequence(ONE_PREDICTION.code, (other,)),)
        yield Breach((), f"{show(key)} alone", partial(_alone, key, other), alone, holds="object")


def _alone(key: str, other: str, record: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in record.items() if name != other}
    kept.setdefault(key, _prediction())
    return kept


def _prediction() -> dict[str, Any]:
    return {"ModerationLabels": [{**_FOUND}], "ModerationModelVersion": LATEST, "ProjectVersion": _ARN}


def _also_output(blocks: list[Path], value: Any, place: Path) -> Iterator[Consequence]:
    yield from _also_source(value, place)
    yield from _also_predicted(blocks, value, place)
    if isinstance(value, dict):
        keys = set(map(plain_key, value))
        absent = [key for key in (ADAPTER, BASE_MODEL) if plain_key(key) not in keys]
        if len(absent) == 1:
            yield Consequence(ONE_PREDICTION.code, (absent[0],))


# Files.

_Made = tuple[bytes, list[Consequence]]


def _added(members: dict[str, Any], found: list[Consequence]) -> Callable[[list[Any], int], _Made]:
    def make(values: list[Any], at: int) -> _Made:
        values[at].update(fresh(members))
        return as_lines(values), [consequence._replace(line=at + 1) for consequence in found]

    return make


def _in_other_bucket(values: list[Any], at: int) -> _Made:
    key = values[-1][SOURCE_REF][5:].partition("/")[2]
    values[-1][SOURCE_REF] = f"s3://another-bucket-of-mine/{key}"
    return as_lines(values), [Consequence(SEVERAL_BUCKETS.code, _SOURCE, len(values))]


def _first_image_again(values: list[Any], at: int) -> _Made:
    again = [*values, {**values[-1], SOURCE_REF: values[0][SOURCE_REF]}]
    return as_lines(again), [Consequence(DUPLICATE_SOURCE_REF.code, _SOURCE, len(again))]


def _of_other_kind(values: list[Any], at: int) -> _Made:
    if ADAPTER in values[-1]:
        del values[-1][ADAPTER], values[-1][BASE_MODEL]
    else:
        values[-1].update({ADAPTER: _prediction(), BASE_MODEL: _prediction()})
    return as_lines(values), [Consequence(MIXED_OUTPUT.code, (), len(values))]


_LONG_LINE = _added({f"note{i}": "a" * 19_000 for i in range(6)}, [Consequence(LINE_TOO_LONG.code)])
_LONG_ATTRIBUTE = _added({"note": "a" * 19_999}, [Consequence(ATTRIBUTE_TOO_LONG.code, ("note",))])

_FILES = (
    FileBreach("a line longer than 100,000 characters", _LONG_LINE),
    FileBreach("an attribute longer than 20,000 characters", _LONG_ATTRIBUTE),
    FileBreach("an image in another bucket", _in_other_bucket, least=2),
    FileBreach("the first image again", _first_image_again),
)
