"""Making drawn manifest lines one file: images that differ, in one bucket, and output of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, SOURCE_REF
from pytest_visionfmt.schema_nodes import Node, compile_pattern, nodes_of
from pytest_visionfmt.values import fresh

__all__ = ["make_one_manifest", "put_in_one_bucket"]


def make_one_manifest(records: list[Any], format_: Format, profile: Profile) -> None:
    """Put all images into the first one's bucket under names of their own, and give all lines its kind."""
    put_in_one_bucket(records, format_, profile)
    first = {key: records[0][key] for key in (ADAPTER, BASE_MODEL) if key in records[0]} if records else {}
    for record in records:
        for key in (ADAPTER, BASE_MODEL):
            if key not in first:
                record.pop(key, None)
            elif key not in record:
                record[key] = fresh(first[key])


def put_in_one_bucket(records: list[Any], format_: Format, profile: Profile) -> None:
    """Put all images into the first one's bucket, under names of their own."""
    node = nodes_of(format_, profile).properties.get(SOURCE_REF, Node())
    has_form = compile_pattern(node.pattern).search if node.pattern else bool
    bucket = ""
    seen: set[str] = set()
    for record in records:
        image = record.get(SOURCE_REF)
        if not isinstance(image, str):
            continue
        scheme, mark, place = image.partition("://")
        own, slash, key = place.partition("/")
        bucket = bucket or own
        names = (f"{scheme}{mark}{bucket}{slash}{name}" for name in _names(key, len(records)))
        record[SOURCE_REF] = next((name for name in names if name not in seen and has_form(name)), "")
        if not record[SOURCE_REF]:
            raise InvalidArgument(f"no room for {len(records)} images in one bucket, of the form {node.pattern}")
        seen.add(record[SOURCE_REF])


def _names(key: str, most: int) -> Iterator[str]:
    """Yield a key, and then others like it."""
    stem, dot, extension = key.rpartition(".")
    if not dot:
        stem, extension = key, ""
    yield key
    for joined in ("-", ""):
        yield from (f"{stem}{joined}{i}{dot}{extension}" for i in range(2, most + 2))
