"""The rules of Azure scoring and explainability requests on their table of images.

Each is a function that finds it broken, in any JSON value, and the row that names and judges it.
The images themselves are the business of ``azure_requests_images``, and what only explainability
requests can break that of ``azure_requests_xai_rules``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_visionfmt.findings import Severity
from pytest_visionfmt.format import Hit, Record, Rule
from pytest_visionfmt.formats.azure_requests_rows import (
    IMAGE,
    Cell,
    cells_of,
    first_row,
    image_column,
    rows_of,
    shows_json,
    table_of,
)
from pytest_visionfmt.formats.azure_requests_verdicts import (
    INFERRED,
    PAGE_SCORING,
    RUN,
    WRAPPER,
    answers_error,
    page_only,
)
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path
from pytest_visionfmt.values import show

__all__ = ["READS_AS_JSON_RULES", "TABLE_RULES", "mixed_rows"]

_TABLE: Path = ("input_data",)


def _kinds(value: Any, *, inside: bool) -> Iterator[Hit]:
    cells = cells_of(value)
    first = next((cell for cell in cells if cell.row == first_row(value)), None)
    wanted = first and _kind(first)
    for cell in cells:
        if wanted and first and _kind(cell) not in ("", wanted):
            path = (*cell.path, INSIDE) if inside else cell.path
            yield Hit(path, f"this row is {_kind(cell)}, and row {first.row}, which counts, is {wanted}")


def _kind(cell: Cell) -> str:
    """Return what a row is, nothing where another rule says more: no string, broken JSON, a JSON number."""
    if not isinstance(cell.value, str) or (cell.json is MISSING and shows_json(cell.value)):
        return ""
    return "bare base64" if cell.json is MISSING else "a JSON object" if isinstance(cell.json, dict) else ""


def mixed_rows(*, inside: bool) -> Rule:
    """Return the rule on rows of two kinds; ``inside`` says that rows are to hold JSON."""
    return Rule(
        "VF407", "mixed-rows", "Some rows of a request are JSON and others bare base64.", WRAPPER,
        answers_error("JSONDecodeError or ValueError"), Record(lambda value: _kinds(value, inside=inside)),
        frozenset({"VF010"} if inside else ()),
    )  # fmt: skip


def _nesting(value: Any) -> Iterator[Hit]:
    rows = rows_of(value)
    for i, row in enumerate(rows):
        if isinstance(row, str | list) and isinstance(rows[0], str | list) and type(row) is not type(rows[0]):
            this, other = ("a list", "a string") if isinstance(row, list) else ("a string", "a list")
            yield Hit(("input_data", "data", i), f"this row is {this}, and the first is {other}")


def _row_width(value: Any) -> Iterator[Hit]:
    rows = rows_of(value)
    columns = table_of(value).get("columns")
    if not rows or not isinstance(columns, list) or not columns:
        return
    if isinstance(rows[0], str):
        if len(columns) > 1:
            yield Hit(("input_data", "data", 0), f"a row of one value; there are {len(columns)} columns")
        return
    widest = max((len(row) for row in rows if isinstance(row, list)), default=0)
    for i, row in enumerate(rows):
        if isinstance(row, list):
            wrong = len(row) == widest if widest != len(columns) else len(row) <= image_column(value)
            if wrong:
                wanted = "there is 1 column" if len(columns) == 1 else f"there are {len(columns)} columns"
                yield Hit(("input_data", "data", i), f"a row of {len(row)} values; {wanted}")


def _image_column(value: Any) -> Iterator[Hit]:
    columns = table_of(value).get("columns")
    if not isinstance(columns, list):
        return
    if IMAGE not in columns:
        path: Path = (*_TABLE, "columns", 0) if columns else (*_TABLE, "columns")
        yield Hit(path, f"none of the columns is named {show(IMAGE)}")
    elif columns.count(IMAGE) > 1:
        yield Hit((*_TABLE, "columns"), f"{columns.count(IMAGE)} columns are named {show(IMAGE)}")


def _no_row_0(value: Any) -> Iterator[Hit]:
    index = table_of(value).get("index")
    if isinstance(index, list) and not any(label == 0 and not isinstance(label, bool) for label in index):
        yield Hit((*_TABLE, "index"), f"no row has the index 0: {show(index)}")


def _index_length(value: Any) -> Iterator[Hit]:
    index, rows = table_of(value).get("index"), rows_of(value)
    if isinstance(index, list) and rows and len(index) != len(rows):
        yield Hit((*_TABLE, "index"), f"an index of {len(index)} for {len(rows)} rows")


TABLE_RULES = (
    Rule(
        "VF408", "mixed-nesting", "Some rows of a request are lists and others are not.", WRAPPER,
        answers_error("ValueError", INFERRED), Record(_nesting),
    ),
    Rule(
        "VF409", "row-width", "A row has another number of values than there are columns.", WRAPPER,
        answers_error("ValueError, pandas makes no table of it", INFERRED), Record(_row_width),
        frozenset({"VF607", "VF608"}),
    ),
    Rule(
        "VF410", "image-column", "Not exactly one column is named image.", f"{PAGE_SCORING}, columns",
        answers_error("KeyError 'image'"), Record(_image_column), frozenset({"VF603", "VF607", "VF608"}),
    ),
    Rule(
        "VF411", "no-row-0", "An index names no row 0.", WRAPPER, answers_error("KeyError 0"), Record(_no_row_0),
    ),
    Rule(
        "VF412", "index-length", "An index is not as long as the data.", WRAPPER,
        answers_error("ValueError, pandas makes no table of it", INFERRED), Record(_index_length),
    ),
)  # fmt: skip


# What a scoring request must not be taken for.


def _reads_as_json(value: Any) -> Iterator[Hit]:
    for cell in cells_of(value):
        if cell.row == first_row(value) and cell.json is not MISSING and not isinstance(cell.json, dict):
            yield Hit(cell.path, f"{show(cell.value)} is JSON as it stands, so it is not read as base64")


def _explains(value: Any) -> Iterator[Hit]:
    for cell in cells_of(value):
        if cell.row == first_row(value) and isinstance(cell.json, dict):
            yield Hit(cell.path, "the row is a JSON object, as in an explainability request")


_FOR_EXPLAINING = "the endpoint takes the request for an explainability request: check it as azure-xai-request"
READS_AS_JSON_RULES = (
    Rule(
        "VF413", "reads-as-json", "A base64 text happens to be JSON.", WRAPPER,
        answers_error("TypeError, for it takes the row for one of an explainability request"), Record(_reads_as_json),
    ),
    Rule(
        "VF414", "explainability-row", "A row of a scoring request is one of an explainability request.", WRAPPER,
        page_only(Severity.ERROR, _FOR_EXPLAINING, RUN), Record(_explains),
    ),
)  # fmt: skip
