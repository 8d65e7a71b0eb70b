"""What stands where in an Azure scoring or explainability request, of any shape.

Only the row of index 0 says how a request is read: whether its rows are base64 or JSON, whether to
explain, and how. Without an index that is the first row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from pytest_visionfmt.format import Profile
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path
from pytest_visionfmt.schema_files import load_schema
from pytest_visionfmt.schema_nodes import Node, read_schema

__all__ = [
    "IMAGE",
    "Cell",
    "cells_of",
    "explained_texts",
    "first_cell",
    "first_row",
    "flag_of",
    "image_column",
    "is_on",
    "parameters_of",
    "plain_texts",
    "row_nodes",
    "rows_of",
    "shows_json",
    "table_of",
    "unread",
    "xai_defaults",
]

IMAGE = "image"
_DATA: Path = ("input_data", "data")
_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
_FALSE = frozenset({"n", "no", "f", "false", "off", "0"})


class Cell(NamedTuple):
    """The value of the image column in one row; ``json`` is what it parses to, ``MISSING`` if it is no JSON."""

    row: int
    path: Path
    value: Any
    json: Any


def table_of(value: Any) -> dict[str, Any]:
    """Return what stands under ``input_data``, empty where that is no object."""
    table = value.get("input_data") if isinstance(value, dict) else None
    return table if isinstance(table, dict) else {}


def rows_of(value: Any) -> list[Any]:
    data = table_of(value).get("data")
    return data if isinstance(data, list) else []


def image_column(value: Any) -> int:
    """Return which column the images are in: the first, where none has their name."""
    columns = table_of(value).get("columns")
    return columns.index(IMAGE) if isinstance(columns, list) and IMAGE in columns else 0


def first_row(value: Any) -> int:
    """Return the position of the row of index 0."""
    index = table_of(value).get("index")
    labels = index if isinstance(index, list) else []
    return next((i for i, label in enumerate(labels) if label == 0 and not isinstance(label, bool)), 0)


def cells_of(value: Any) -> list[Cell]:
    """Return the images of a request, whether its rows are lists or not, in the order of the rows."""
    column = image_column(value)
    found: list[tuple[int, Path, Any]] = []
    for i, row in enumerate(rows_of(value)):
        if not isinstance(row, list):
            found.append((i, (*_DATA, i), row))
        elif column < len(row):
            found.append((i, (*_DATA, i, column), row[column]))
    parsed = _parsed(tuple(cell if isinstance(cell, str) else None for _, _, cell in found))
    return [Cell(*cell, json_) for cell, json_ in zip(found, parsed, strict=True)]


@lru_cache(maxsize=2)  # every rule asks for the rows of one request, and only to read them
def _parsed(texts: tuple[str | None, ...]) -> list[Any]:
    return [MISSING if text is None else _json(text) for text in texts]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return MISSING


def shows_json(cell: Any) -> bool:
    """Whether a row was meant as JSON, though it may be none, or not be put into a string."""
    return isinstance(cell, dict) or (isinstance(cell, str) and cell.lstrip().startswith("{"))


def plain_texts(value: Any) -> Iterator[tuple[Path, str]]:
    """Yield the rows that are read as bare base64."""
    first = first_row(value)
    for cell in cells_of(value):
        read_as_json = isinstance(cell.json, dict) or (cell.json is not MISSING and cell.row == first)
        if isinstance(cell.value, str) and not read_as_json:
            yield cell.path, cell.value


def explained_texts(value: Any) -> Iterator[tuple[Path, str]]:
    """Yield the base64 texts that stand in rows of JSON."""
    for cell in cells_of(value):
        if isinstance(cell.json, dict) and isinstance(text := cell.json.get("image_base64"), str):
            yield (*cell.path, INSIDE, "image_base64"), text


# What is to be explained.


def first_cell(value: Any) -> Cell | None:
    """Return the cell that says for all rows what is to be explained, None where it is no JSON object."""
    first = first_row(value)
    return next((cell for cell in cells_of(value) if cell.row == first and isinstance(cell.json, dict)), None)


def flag_of(value: Any) -> bool | None:
    """Return what the reader takes a flag for, None where it is no truth value to it."""
    word = str(value).lower()
    return True if word in _TRUE else False if word in _FALSE else None


def is_on(row: Mapping[str, Any]) -> bool:
    """Whether a row asks for explanations; a flag that is none stops the reader, and so is not off."""
    return flag_of(row.get("model_explainability", False)) is not False


def parameters_of(value: Any) -> tuple[Path, dict[str, Any], bool] | None:
    """Return the parameters that count for all rows: path, parameters, whether they are for explaining."""
    cell = first_cell(value)
    parameters = cell and cell.json.get("xai_parameters")
    if cell is None or not isinstance(parameters, dict):
        return None
    return (*cell.path, INSIDE, "xai_parameters"), parameters, is_on(cell.json)


def unread(value: Any, path: Path) -> bool:
    """Whether the reader never looks at a place of this request.

    It looks at the image column only; at what is to be explained in the row of index 0 only; and at
    how to explain only where that row asks for it.
    """
    if path[:2] != _DATA or len(path) < 4:
        return False
    row, rest = path[2], path[3:]
    if isinstance(rest[0], int):
        if rest[0] != image_column(value):
            return True
        rest = rest[1:]
    if len(rest) < 2 or rest[1] not in ("model_explainability", "xai_parameters"):
        return False
    if row != first_row(value):
        return True
    cell = first_cell(value)
    return len(rest) > 2 and cell is not None and not is_on(cell.json)


# What the schema says of a row.


@cache
def row_nodes(profile: Profile) -> Node:
    """Return the schema of the object that a row of an explainability request holds."""
    name = "xai-request.schema.json" if profile == "documented" else "xai-request.reader.schema.json"
    node = read_schema(load_schema(f"azure/{name}")).at((*_DATA, 0, INSIDE))
    assert node is not None
    return node


def xai_defaults(profile: Profile = "documented") -> dict[str, Any]:
    """Return what stands for an absent ``model_explainability`` and each absent parameter.

    In the ``reader`` profile with the three parameters that the page does not name.
    """
    row = row_nodes(profile)
    parameters = row.properties["xai_parameters"].properties
    nodes = {"model_explainability": row.properties["model_explainability"], **parameters}
    return {key: node.default for key, node in nodes.items() if node.default is not MISSING}
