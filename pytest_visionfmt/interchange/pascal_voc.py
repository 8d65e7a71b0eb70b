"""PASCAL VOC annotations, one XML file an image: the rules that their schema cannot say, and what they show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject
from pytest_visionfmt.checking import check_record
from pytest_visionfmt.findings import Evidence, Finding, Reaction, Severity
from pytest_visionfmt.format import Format, Hit, Judgement, Record, Rule, Verdict
from pytest_visionfmt.formats.shared_rules import JSON_RULES, SCHEMA_RULES
from pytest_visionfmt.interchange import voc_xml
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import as_float

__all__ = ["PASCAL_VOC", "check_file", "check_files", "read_file", "read_files"]

PAGE = (
    "The PASCAL Visual Object Classes Challenge, Development Kit (VOC2012), "
    "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html"
)
ROOT = "annotation"
FOLDER = "Annotations"
_AXES = (("xmin", "xmax", "width"), ("ymin", "ymax", "height"))


def _verdict(severity: Severity, evidence: Evidence) -> Verdict:
    judgement = Judgement(severity, Reaction.UNKNOWN, evidence)
    return Verdict(judgement, judgement)


def _boxes(value: Any) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """Yield the path of each box, the box, and the size of the image, all that are dicts."""
    objects = value.get("object") if isinstance(value, dict) else None
    size = value.get("size") if isinstance(value, dict) else None
    for i, item in enumerate(objects if isinstance(objects, list) else ()):
        box = item.get("bndbox") if isinstance(item, dict) else None
        if isinstance(box, dict):
            yield ("object", i, "bndbox"), box, size if isinstance(size, dict) else {}


def _disordered(value: Any) -> Iterator[Hit]:
    for path, box, _ in _boxes(value):
        for low, high, _ in _AXES:
            a, b = as_float(box.get(low)), as_float(box.get(high))
            if a is not None and b is not None and a > b:
                yield Hit((*path, high), f"{high} {box[high]} is less than {low} {box[low]}")


def _outside(value: Any) -> Iterator[Hit]:
    for path, box, size in _boxes(value):
        for low, high, extent in _AXES:
            a, b, most = as_float(box.get(low)), as_float(box.get(high)), as_float(size.get(extent))
            if a is not None and a < 1:
                yield Hit((*path, low), f"{low} {box[low]} is less than 1, the first pixel")
            if b is not None and most is not None and b > most:
                yield Hit((*path, high), f"{high} {box[high]} is beyond {extent} {size[extent]}, the last pixel")


_RULES = (
    Rule("VF711", "corner-order", "The corners of a box are not in order.", PAGE,
         _verdict(Severity.ERROR, Evidence.DOCUMENTED), Record(_disordered)),
    Rule("VF712", "corner-outside", "A corner of a box is not a pixel of the image.", PAGE,
         _verdict(Severity.WARNING, Evidence.DOCUMENTED), Record(_outside)),
)  # fmt: skip


def _read(value: dict[str, Any]) -> list[AnnotatedImage]:
    size = value.get("size")
    width, height = (int(size[key]) for key in ("width", "height")) if isinstance(size, dict) else (None, None)
    objects = value.get("object", [])
    if objects and (width is None or height is None):
        raise ValueError("there is no size, so nothing tells which ratio of the image a pixel is")
    found = tuple(_object(item, width or 1, height or 1) for item in objects)
    return [AnnotatedImage(value["filename"], width, height, None, found)]


def _object(item: dict[str, Any], width: int, height: int) -> AnnotatedObject:
    """Return an object: its box goes from the left edge of the first pixel to the right edge of the last."""
    left, top, right, bottom = (float(item["bndbox"][key]) for key in ("xmin", "ymin", "xmax", "ymax"))
    box = ((left - 1) / width, (top - 1) / height, right / width, bottom / height)
    difficult = item["difficult"] == "1" if "difficult" in item else None
    return AnnotatedObject(item["name"], box, difficult=difficult)


PASCAL_VOC = Format(
    "pascal-voc",
    "PASCAL VOC object detection",
    PAGE,
    "json",
    {"documented": "interchange/pascal-voc.schema.json"},
    (*JSON_RULES, *SCHEMA_RULES, *_RULES),
    marks=frozenset({"bndbox", "annotation"}),
    read=_read,
)
"""The content of one XML file, as ``voc_xml.parse`` returns it."""


def _content(text: str | bytes) -> Any:
    root, value = voc_xml.parse(text)
    if root != ROOT:
        raise voc_xml.BadXml(f"the root element is <{root}>, not <{ROOT}>")
    return value


def read_file(text: str | bytes) -> list[AnnotatedImage]:
    """Return the image of one XML file. Raises ``ValueError`` where it cannot be read."""
    try:
        return _read(_content(text))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not an annotation: {type(error).__name__}: {error}") from error


def read_files(files: dict[str, str]) -> list[AnnotatedImage]:
    """Return the images of a folder of XML files, ``{path: text}``; one of a sub-folder is named below it."""
    images = []
    for path, text in files.items():
        parts = PurePosixPath(path).parent.parts
        below = PurePosixPath(*parts[1:] if parts[:1] == (FOLDER,) else parts)
        for image in read_file(text):
            name = str(below / str(image.name))
            images.append(AnnotatedImage(name, image.width, image.height, image.type, image.objects))
    return images


def check_file(text: Any) -> tuple[Finding, ...]:
    """Return the findings on one XML file."""
    try:
        if not isinstance(text, str | bytes):
            raise voc_xml.BadXml(f"a {type(text).__name__} is no text")
        return check_record(_content(text), PASCAL_VOC)
    except voc_xml.BadXml as error:
        return (Finding("VF713", "bad-xml", Severity.ERROR, str(error), "$", evidence=Evidence.DOCUMENTED),)


def check_files(files: dict[str, str]) -> tuple[Finding, ...]:
    """Return the findings on a folder of XML files, each with its file."""
    return tuple(replace(finding, file=path) for path, text in files.items() for finding in check_file(text))
