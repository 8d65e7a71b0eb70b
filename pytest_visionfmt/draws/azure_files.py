"""Making drawn Azure training records one file: images that differ, classes of one type, an object somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws import DRAWS
from pytest_visionfmt.draws.azure_training import TrainingArguments
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_training_rules import class_type
from pytest_visionfmt.schema_nodes import Node, compile_pattern, nodes_of

__all__ = ["draw_with_object", "make_one_of_images", "make_one_of_objects"]

_MOST_OBJECTS = 4


def make_one_of_objects(records: list[Any], format_: Format, profile: Profile) -> None:
    """Give images that repeat other names."""
    _rename_images(records, nodes_of(format_, profile).properties.get("image_url", Node()))


def make_one_of_images(records: list[Any], format_: Format, profile: Profile) -> None:
    """Give images that repeat other names, and classes the type of the file's first class."""
    make_one_of_objects(records, format_, profile)
    _give_one_type(records)


def draw_with_object(draw: st.DrawFn, format_: Format, profile: Profile) -> Any:
    """Draw a record with an object: a file of background images alone does not load."""
    return DRAWS[format_.id](draw, format_, profile, TrainingArguments(counts=(1, _MOST_OBJECTS)))


def _rename_images(records: list[Any], node: Node) -> None:
    has_form = compile_pattern(node.pattern).search if node.pattern else bool
    seen: set[str] = set()
    for record in records:
        url = record.get("image_url")
        if not isinstance(url, str):
            continue
        if url in seen:
            fitting = (name for name in _other_names(url, len(records)) if name not in seen and has_form(name))
            record["image_url"] = url = next(fitting, "")
            if not url:
                raise InvalidArgument(f"no room for {len(records)} images in URLs of the form {node.pattern}")
        seen.add(url)


def _other_names(url: str, most: int) -> Iterator[str]:
    stem, dot, extension = url.rpartition(".")
    if not dot:
        stem, extension = url, ""
    for joined in ("-", ""):
        yield from (f"{stem}{joined}{i}{dot}{extension}" for i in range(2, most + 2))


def _give_one_type(records: list[Any]) -> None:
    """Make all classes strings, or all integers, whichever the first is; a record's own stay distinct."""
    labels = [record["label"] for record in records if "label" in record]
    classes = (label for item in labels for label in (item if isinstance(item, list) else [item]))
    wanted = next(map(class_type, classes), None)
    for record in records:
        label = record.get("label")
        if isinstance(label, list):
            record["label"] = [_of_type(wanted, item, i) for i, item in enumerate(label)]
        elif label is not None:
            record["label"] = _of_type(wanted, label, 0)


def _of_type(wanted: str | None, label: Any, number: int) -> Any:
    if class_type(label) == wanted:
        return label
    return str(label) if wanted == "string" else number
