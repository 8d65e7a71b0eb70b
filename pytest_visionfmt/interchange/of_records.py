"""The formats of records and documents as sides of a conversion: what they carry is read from their schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.checking import check_record
from pytest_visionfmt.edges.records import edge_cases
from pytest_visionfmt.facets import facets_of, keys_of
from pytest_visionfmt.findings import Finding, Reaction
from pytest_visionfmt.format import Format
from pytest_visionfmt.geometry import bounds
from pytest_visionfmt.interchange.drawing import SIZES
from pytest_visionfmt.interchange.image_files import images_of, write_image
from pytest_visionfmt.interchange.interchange import ConversionUnit, Interchange, Tree
from pytest_visionfmt.reading import read
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.values import as_pixels, fresh

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["side_of"]

_FILE, _DOCUMENT, _IMAGES = "annotations.jsonl", "annotations.json", "images"
_MOST = 4
_LARGEST = (1 << 62) - 1  # twice this is the last even number that every JSON reader holds: 64 bits
_IMAGE_KEYS = ("image_url", "source-ref")
_BOX_KEYS = frozenset({"topX", "boundingBox", "left", "Left"})
_OBJECT_KEYS = ("label", "boxes")
_AFTER_PATHS = re.compile(r".*?/paths/|[a-z0-9]+://[^/]*/", re.IGNORECASE)


@lru_cache(maxsize=64)
def side_of(format_: Format) -> Interchange:
    """Return a format as a side of a conversion. Raises ``ValueError`` where it shows no annotations."""
    if format_.read is None:
        raise ValueError(f"a {format_.id} shows no annotations, so no converter can be judged by it")
    keys, carries = keys_of(format_), facets_of(format_)
    root = nodes_of(format_, "documented")
    label = root.properties.get("label")
    single = label is not None and "array" not in label.types
    if not single:
        carries |= {"empty-images"}
    return Interchange(
        format_.id,
        format_.title,
        format_.source,
        carries,
        partial(_draw, format_),
        lambda value: _read(value, format_),
        lambda value: _check(value, format_),
        lambda value, unit: _shape(value, unit, format_),
        _reverse,
        _join,
        _relabel,
        _double,
        lambda value, folder: _write(value, folder, format_),
        lambda tree: _load(tree, format_),
        lambda: edge_cases(format_),
        lambda unit: _invalid(format_, unit),
        pixels=False,
        names_images="folders" in carries,
        boxes=bool(keys & {"polygon", *_BOX_KEYS}),
        single=single,
        bounds="polygon" in keys and not keys & _BOX_KEYS,
        every_class="probs" in keys,
        closed="ModerationLabels" in keys,
        joins="probs" not in keys and (format_.unit == "jsonl" or "array" in root.types),
        lines=format_.unit == "jsonl",
    )


def _draw(format_: Format, unit: ConversionUnit, *, whole: bool) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    from pytest_visionfmt.strategies import record
    from pytest_visionfmt.whole_files import records

    alone = unit == "record" or format_.unit == "json"
    drawn: SearchStrategy[Any] = record(format_) if alone else records(format_, max_size=_MOST)
    if unit == "folder":
        whole = True  # or the image files would be of any size
    if not whole or "size" not in side_of(format_).carries:
        return drawn
    sizes = st.binary(min_size=_MOST, max_size=_MOST)
    return st.builds(_whole, drawn, sizes)


def _whole(value: Any, sizes: bytes) -> Any:
    """Give every record a size, one that an image file may have, and every box and outline a pixel at least."""
    for i, record in enumerate(value if isinstance(value, list) else [value]):
        width, height = SIZES[sizes[i % len(sizes)] % len(SIZES)]
        details = record.setdefault("image_details", {})
        for key, size in (("width", width), ("height", height)):
            details[key] = f"{size}px" if isinstance(details.get(key), str) else size
        for item in record["label"] if isinstance(record["label"], list) else []:
            if isinstance(item, dict):
                _widen(item, width, height)
    return value


def _widen(item: dict[str, Any], width: int, height: int) -> None:
    for low, high, size in (("topX", "bottomX", width), ("topY", "bottomY", height)):
        if low in item and (item[high] - item[low]) * size < 1:
            item[low], item[high] = 0.0, 1.0
    if "polygon" in item:
        left, top, right, bottom = bounds(item["polygon"])
        if (right - left) * width < 1 or (bottom - top) * height < 1:
            item["polygon"][0][:6] = [0.0, 0.0, 1.0, 0.0, 1.0, 1.0]


def _read(value: Any, format_: Format) -> list[AnnotatedImage]:
    if isinstance(value, list) and format_.unit == "jsonl":
        return [image for item in value for image in read(item, format_)]
    return read(value, format_)


def _check(value: Any, format_: Format) -> tuple[Finding, ...]:
    """Judge each record alone: whether a file of them can be trained with is for its source to say."""
    if isinstance(value, list) and format_.unit == "jsonl":
        return tuple(finding for item in value for finding in check_record(item, format_))
    return check_record(value, format_)


def _shape(value: Any, unit: ConversionUnit, format_: Format) -> str:
    if unit != "record" and format_.unit == "jsonl":
        if not isinstance(value, list):
            return f"a {type(value).__name__}, not a list of records"
        other = next((item for item in value if not isinstance(item, dict)), None)
        return "" if other is None and None not in value else f"a list that holds a {type(other).__name__}, not records"
    return "" if isinstance(value, dict | list) else f"a {type(value).__name__}, not a record"


def _each(value: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    value = fresh(value)
    for record in value if isinstance(value, list) else [value]:
        change(record)
    return value


def _reverse(value: Any) -> Any:
    def turn(record: dict[str, Any]) -> None:
        for key in _OBJECT_KEYS:
            if isinstance(record.get(key), list):
                record[key].reverse()

    turned = _each(value, turn)
    return turned[::-1] if isinstance(turned, list) else turned


def _join(a: Any, b: Any) -> tuple[Any, Any]:
    def move(record: dict[str, Any]) -> None:
        for key in _IMAGE_KEYS:
            if key in record:
                folder, slash, name = record[key].rpartition("/")
                record[key] = f"{folder}{slash}second/{name}"

    moved = _each(b, move)
    return moved, [*fresh(a), *moved]


def _relabel(value: Any, names: Mapping[Any, Any]) -> Any:
    def rename(record: dict[str, Any]) -> None:
        for key in (*_OBJECT_KEYS, "labels"):
            label: Any = record.get(key)
            if isinstance(label, str | int):
                record[key] = names.get(label, label)
            for i, item in enumerate(label if isinstance(label, list) else ()):
                if isinstance(item, dict):
                    item["label"] = names.get(item["label"], item["label"])
                else:
                    label[i] = names.get(item, item)

    return _each(value, rename)


def _double(value: Any) -> tuple[Any, Any] | None:
    def double(record: dict[str, Any]) -> None:
        details = record.get("image_details", {})
        for key, number in _sides_of(record).items():
            size = details[key]
            details[key] = f"{2 * number}px" if str(size).endswith("px") else type(size)(2 * number)

    records = value if isinstance(value, list) else [value]
    if not records or not isinstance(records[0], dict) or "image_url" not in records[0]:
        return None
    if any(number > _LARGEST for record in records for number in _sides_of(record).values()):
        return None
    return fresh(value), _each(value, double)


def _sides_of(record: dict[str, Any]) -> dict[str, int]:
    """Return the sides of an image that a record gives, in pixels."""
    details = record.get("image_details", {})
    return {key: side for key in ("width", "height") if (side := as_pixels(details.get(key))) is not None}


def image_path(url: str) -> str:
    """Return the path of an image within its storage: where a folder keeps it below ``images``."""
    return _AFTER_PATHS.sub("", url, count=1)


def _write(value: Any, folder: Path, format_: Format) -> None:
    whole = format_.unit == "json" or not isinstance(value, list)
    lines = "".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in ([value] if whole else value))
    name = _DOCUMENT if format_.unit == "json" else _FILE
    (folder / name).write_text(lines, encoding="utf-8", newline="\n")
    (folder / _IMAGES).mkdir()
    for image in images_of(value, lambda value: _read(value, format_), format_.schema("documented")["examples"][0]):
        if image.name:
            write_image(folder / _IMAGES / image_path(image.name), image.width, image.height)


def _load(tree: Tree, format_: Format) -> Any:
    names = sorted(name for name in tree if name.endswith((".jsonl", ".manifest", ".json")))
    if len(names) != 1:
        raise ValueError(f"there should be one file {_FILE}, and there are: {', '.join(sorted(tree)) or 'none'}")
    text = tree[names[0]].decode("utf-8")
    if format_.unit == "json":
        return json.loads(text)
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def _invalid(format_: Format, unit: ConversionUnit) -> list[tuple[Any, str]]:
    """Return every breach of the format that is an error, with its rule and, where it is known, the reaction."""
    from pytest_visionfmt.invalid.records import invalid_cases

    found = []
    for case in invalid_cases(format_):
        reaction = "" if case.reaction == Reaction.UNKNOWN else f"; {case.reaction}"
        found.append((case.value, f"{case.breach} [{case.rule}{reaction}]"))
    return found if unit == "record" or format_.unit == "json" else [([value], why) for value, why in found]
