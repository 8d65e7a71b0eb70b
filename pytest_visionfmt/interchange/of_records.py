"""The formats of records and documents as sides of a conversion: what they carry is read from their schemas."""

from __future__ import annotations

import copy
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
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.format import Format
from pytest_visionfmt.geometry import bounds
from pytest_visionfmt.interchange.broken import broken_values
from pytest_visionfmt.interchange.drawing import SIZES
from pytest_visionfmt.interchange.image_files import write_image
from pytest_visionfmt.interchange.interchange import ConversionUnit, Interchange, Tree
from pytest_visionfmt.reading import read
from pytest_visionfmt.schema_nodes import nodes_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["side_of"]

_FILE, _IMAGES = "annotations.jsonl", "images"
_MOST = 4
_LARGEST = (1 << 62) - 1  # twice this is the last even number that every JSON reader holds: 64 bits
_IMAGE_KEYS = ("image_url", "source-ref")
_AFTER_PATHS = re.compile(r".*?/paths/|[a-z0-9]+://[^/]*/", re.IGNORECASE)


@lru_cache(maxsize=64)
def side_of(format_: Format) -> Interchange:
    """Return a format as a side of a conversion. Raises ``ValueError`` where it shows no annotations."""
    if format_.read is None:
        raise ValueError(f"a {format_.id} shows no annotations, so no converter can be judged by it")
    keys, carries = keys_of(format_), facets_of(format_)
    label = nodes_of(format_, "documented").properties.get("label")
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
        boxes=bool(keys & {"topX", "polygon", "boundingBox", "left", "Left"}),
        single=single,
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
    value = copy.deepcopy(value)
    for record in value if isinstance(value, list) else [value]:
        change(record)
    return value


def _reverse(value: Any) -> Any:
    def turn(record: dict[str, Any]) -> None:
        if isinstance(record.get("label"), list):
            record["label"].reverse()

    turned = _each(value, turn)
    return turned[::-1] if isinstance(turned, list) else turned


def _join(a: Any, b: Any) -> tuple[Any, Any]:
    def move(record: dict[str, Any]) -> None:
        for key in _IMAGE_KEYS:
            if key in record:
                folder, slash, name = record[key].rpartition("/")
                record[key] = f"{folder}{slash}second/{name}"

    moved = _each(b, move)
    return moved, [*copy.deepcopy(a), *moved]


def _relabel(value: Any, names: Mapping[Any, Any]) -> Any:
    def rename(record: dict[str, Any]) -> None:
        label = record["label"]
        if not isinstance(label, list):
            record["label"] = names.get(label, label)
        else:
            for i, item in enumerate(label):
                if isinstance(item, dict):
                    item["label"] = names.get(item["label"], item["label"])
                else:
                    label[i] = names.get(item, item)

    return _each(value, rename)


def _double(value: Any) -> tuple[Any, Any] | None:
    def double(record: dict[str, Any]) -> None:
        details = record.get("image_details", {})
        for key in _sides_of(record):
            size, number = details[key], 2 * _pixels(details[key])
            details[key] = f"{number}px" if str(size).endswith("px") else type(size)(number)

    records = value if isinstance(value, list) else [value]
    if not records or not isinstance(records[0], dict) or "image_url" not in records[0]:
        return None
    if any(_pixels(record["image_details"][key]) > _LARGEST for record in records for key in _sides_of(record)):
        return None
    return copy.deepcopy(value), _each(value, double)


def _sides_of(record: dict[str, Any]) -> list[str]:
    return [key for key in ("width", "height") if key in record.get("image_details", {})]


def _pixels(size: int | str) -> int:
    return int(str(size).removesuffix("px"))


def image_path(url: str) -> str:
    """Return the path of an image within its storage: where a folder keeps it below ``images``."""
    return _AFTER_PATHS.sub("", url, count=1)


def _write(value: Any, folder: Path, format_: Format) -> None:
    records = value if isinstance(value, list) else [value]
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    (folder / _FILE).write_text(lines, encoding="utf-8", newline="\n")
    (folder / _IMAGES).mkdir()
    for image in _read(value, format_):
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
    example = format_.schema("documented")["examples"][0]
    found = list(broken_values(example, format_, lambda value: check_record(value, format_)))
    return found if unit == "record" or format_.unit == "json" else [([value], why) for value, why in found]
