"""Changing the table of a valid Azure request: a row more, rows in lists or in none, explanations asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pytest_visionfmt.breaches import Breach, Consequence
from pytest_visionfmt.formats.azure_requests_rows import IMAGE, first_row, flag_of, image_column
from pytest_visionfmt.json_paths import INSIDE, Path
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_refusals import refusals

__all__ = [
    "CELLS",
    "DATA",
    "FLAG",
    "PARAMETERS",
    "TABLE",
    "TEXT",
    "cell_at",
    "counting_row",
    "each_cell",
    "of_table",
    "ready",
    "row_text",
    "switched_on",
    "with_row",
]

TABLE: Path = ("input_data",)
DATA: Path = (*TABLE, "data")
CELLS: tuple[Path, ...] = ((*DATA, 0), (*DATA, 0, 0))
"""Where an image stands: as a row, and as the one value of a row that is a list."""
TEXT, FLAG, PARAMETERS = "image_base64", "model_explainability", "xai_parameters"


def row_text(**members: Any) -> str:
    """Return a row of an explainability request."""
    return json.dumps(members)


# What is done to a table of one column, which is what ``ready`` leaves of any.


def counting_row(table: dict[str, Any]) -> int:
    """Return the position of the row that says how all are read."""
    return first_row({TABLE[0]: table})


def cell_at(table: dict[str, Any], at: int) -> Path:
    """Return where in a table the image of a row stands."""
    return ("data", at, 0) if isinstance(table["data"][at], list) else ("data", at)


def with_row(table: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a table with a row more, in a list where the others are, and numbered where they are."""
    rows = table["data"]
    table = {**table, "data": [*rows, [text] if isinstance(rows[0], list) else text]}
    if isinstance(index := table.get("index"), list):
        table["index"] = [*index, len(rows)]
    return table


def of_table(
    node: Node,
    change: str,
    make: Callable[[dict[str, Any]], dict[str, Any]],
    found: Sequence[Consequence] | Callable[[dict[str, Any]], Iterable[Consequence]],
) -> Breach:
    """Return the breach of a rule by a change to the table, ``node`` being the schema of it."""

    def consequences(made: dict[str, Any]) -> list[Consequence]:
        return [*(found(made) if callable(found) else found), *refusals(node, made)]

    return Breach(TABLE, change, make, consequences, holds="object")


def each_cell(table: dict[str, Any], change: Callable[[int, Any], Any]) -> dict[str, Any]:
    """Return a table in which each image, given with its row, is changed."""
    rows = enumerate(table["data"])
    return {
        **table,
        "data": [[change(i, row[0])] if isinstance(row, list) else change(i, row) for i, row in rows],
    }


def switched_on(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table of rows of JSON that asks for explanations, all rows alike."""
    counts = counting_row(table)

    def on(i: int, text: str) -> str:
        row = json.loads(text)
        says = FLAG in row or i == counts
        return text if not says or flag_of(row.get(FLAG)) is True else json.dumps({**row, FLAG: True})

    return each_cell(table, on)


# Making a place.


def ready(value: Any, breach: Breach) -> Path:
    """Shape a valid request so that the place of a breach is there and is read; return it, as ``Breaches.ready`` does.

    Where the place is in a row, all rows are lists or all are not, as it has them. What is to be explained is
    broken in the row of index 0, and how to explain where an explanation is asked for.
    """
    place = breach.place
    if place[:1] != TABLE:
        return place
    table = value[TABLE[0]]
    if place[:2] == (*TABLE, "index"):
        place = _numbered(table, place)
    inside = place[place.index(INSIDE) + 1 :] if INSIDE in place else ()
    wish = inside[:1] in ((FLAG,), (PARAMETERS,))
    if place[:2] == DATA and len(place) > 3 and place[3] is not INSIDE and not wish:
        # All columns stay: the images are broken, wherever they are.
        place = (*place[:3], image_column(value) - len(table["columns"]), *place[4:])
    else:
        _narrow(table, image_column(value))
    if (nested := _nesting(breach)) is not None:
        table["data"] = [_nested(row) if nested else _flat(row) for row in table["data"]]
    if wish:
        place = (*DATA, first_row(value) - len(table["data"]), *place[3:])
        if len(inside) > 1 or (inside == (PARAMETERS,) and breach.holds):
            value[TABLE[0]] = switched_on(table)
    return place


def _numbered(table: dict[str, Any], place: Path) -> Path:
    """Number the rows, and return a place in their numbers as that of one beside 0: without 0 no row would count."""
    if not isinstance(table.get("index"), list):
        table["index"] = list(range(len(table["data"])))
    if len(place) < 3:
        return place
    if len(table["data"]) == 1:
        table["data"].append(table["data"][0])
        table["index"].append(1)
    index = table["index"]
    return (*place[:2], max(i for i, label in enumerate(index) if label != 0) - len(index))


def _narrow(table: dict[str, Any], column: int) -> None:
    """Leave the images and no further column."""
    if len(table["columns"]) > 1:
        table["columns"] = [IMAGE]
        table["data"] = [[row[column]] for row in table["data"]]


def _nesting(breach: Breach) -> bool | None:
    """Return whether a breach wants its row to be a list; None where any row will do."""
    place = breach.place
    if place[:2] != DATA or len(place) < 3:
        return None
    if len(place) > 3:
        return place[3] is not INSIDE
    return True if breach.holds == "array" else False if breach.holds or isinstance(breach.puts, str) else None


def _nested(row: Any) -> list[Any]:
    return row if isinstance(row, list) else [row]


def _flat(row: Any) -> Any:
    return row[0] if isinstance(row, list) else row
