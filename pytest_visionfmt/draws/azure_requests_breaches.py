"""The breach of every rule of Azure requests: what their schemas cannot say about breaking them.

What a change leads to is a matter of the whole table: an index says which row counts, a column more makes
every row too short. So the rules on tables and rows are said a second time here, in ``_of_table`` and
``_of_kinds``. What can be wrong in explainability requests alone is in ``azure_requests_xai_breaches``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from pytest_visionfmt.breaches import Breach, Breaches, Consequence
from pytest_visionfmt.draws.azure_requests_xai_breaches import tidy, wish_breaches, wishes_broken
from pytest_visionfmt.draws.request_images import image_text
from pytest_visionfmt.draws.request_tables import (
    CELLS,
    DATA,
    TABLE,
    TEXT,
    cell_at,
    counting_row,
    each_cell,
    of_table,
    ready,
    row_text,
    with_row,
)
from pytest_visionfmt.encoders import plain_image, with_size
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_requests_rows import IMAGE, Cell, cells_of, first_row, rows_of, shows_json, table_of
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import refusals
from pytest_visionfmt.values import show

__all__ = ["request_breaches"]

# The rules, which each format makes with arguments of its own, are known here by their codes.
_UNDECODABLE, _STRAY, _NO_IMAGE, _CUT, _TOO_LARGE, _URL = "VF401", "VF402", "VF403", "VF404", "VF405", "VF406"
_MIXED, _NESTING, _WIDTH, _COLUMN = "VF407", "VF408", "VF409", "VF410"
_NO_ROW_0, _INDEX_LENGTH, _READS_AS_JSON, _EXPLAINS = "VF411", "VF412", "VF413", "VF414"

_COLUMNS: Path = (*TABLE, "columns")
_INDEX: Path = (*TABLE, "index")
_PNG = image_text("PNG", (1, 1))
_HUGE = 60_000


def request_breaches(format_: Format, profile: Profile) -> Breaches:
    """Return what is broken in a format of Azure requests beyond its schema."""
    root = nodes_of(format_, profile)
    if format_.id == "azure-scoring-request":
        record = (*_images(root, CELLS), *_tables(root, _PNG), *_rows_of_json(root))
        return Breaches(record=_placed(record, root), also=partial(_also, inside=False), ready=ready)
    places = [(*cell, INSIDE, TEXT) for cell in CELLS]
    record = (*_images(root, places), *_tables(root, row_text(**{TEXT: _PNG})), *_bare_rows(root), *wish_breaches(root))
    return Breaches(record=_placed(record, root), also=_also_explained, tidy=tidy, ready=ready)


def _placed(breaches: Iterable[Breach], root: Node) -> tuple[Breach, ...]:
    """Return the breaches for which a schema has the place."""
    return tuple(breach for breach in breaches if root.at(breach.place))


# Images.


@cache
def _broken_images() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return (change, text, codes of the rules) of what is no image in base64."""
    large = {type_: plain_image(type_, 8, 8) for type_ in ("PNG", "JPEG", "BMP")}
    padded = image_text("BMP", (1, 1))
    return (
        ("base64 without its padding", padded.rstrip("="), (_UNDECODABLE,)),
        ("base64 cut short in a group", _PNG[:-1], (_UNDECODABLE,)),
        ("a letter too many", f"{_PNG[:-4]}A{_PNG[-4:]}", (_UNDECODABLE,)),
        ("a letter that is not ASCII", "\u00e9", (_UNDECODABLE,)),
        ("the page's own placeholder", "image_in_base64_string_format", (_UNDECODABLE,)),
        ("exclamation marks before it", f"!!!!{_PNG}", (_STRAY,)),
        ("spaces between its letters", f"{_PNG[:40]} {_PNG[40:]} ", (_STRAY,)),
        ("a letter of the URL-safe alphabet before it", f"-{_PNG}", (_STRAY,)),
        ("base64 of the URL-safe alphabet", "-__-_-__", (_STRAY, _NO_IMAGE)),
        ("an empty string", "", (_NO_IMAGE,)),
        ("base64 of a text", _base64(b"no image, but a text"), (_NO_IMAGE,)),
        ("base64 of an SVG", _base64(b'<svg xmlns="http://www.w3.org/2000/svg"/>'), (_NO_IMAGE,)),
        ("base64 of base64", _base64(_PNG.encode()), (_NO_IMAGE,)),
        *((f"base64 of half a {type_}", _base64(data[: len(data) // 2]), (_CUT,)) for type_, data in large.items()),
        ("a decompression bomb", _base64(with_size(large["PNG"], _HUGE, _HUGE)), (_TOO_LARGE,)),
        ("a data URL", f"data:image/png;base64,{_PNG}", (_URL,)),
        ("an address", "https://example.org/a.png", (_URL,)),
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _images(root: Node, places: Iterable[Path]) -> Iterator[Breach]:
    for place in places:
        node = root.at(place) or Node()
        for change, text, codes in _broken_images():
            yield put(place, change, text, [*map(Consequence, codes), *refusals(node, text)])


# Tables.


def _tables(root: Node, text: str) -> Iterator[Breach]:
    """Yield the breaches of a table, ``text`` being a row of it."""
    table, row = root.at(TABLE) or Node(), root.at(CELLS[0]) or Node()
    yield from _named_columns(table)
    yield from _numbered_rows(table)
    changes: tuple[tuple[str, Callable[[list[Any]], list[Any]]], ...] = (
        ("a value more than there are columns", lambda row: [*row, "a"]),
        ("no value", lambda row: []),
    )
    for change, make in changes if "array" in row.types else ():
        yield Breach(CELLS[0], change, make, _found(row, _WIDTH), holds="array")

    def other_kind(table: dict[str, Any]) -> dict[str, Any]:
        *rows, added = with_row(table, text)["data"]
        return {**with_row(table, text), "data": [*rows, text if isinstance(added, list) else [text]]}

    change = "a row added that is a list where the others are none, or none where they are"
    yield of_table(table, change, other_kind, lambda made: [Consequence(_NESTING, ("data", len(made["data"]) - 1))])


def _found(node: Node, rule: str, path: Path = ()) -> Callable[[Any], list[Consequence]]:
    return lambda made: [Consequence(rule, path), *refusals(node, made)]


def _named_columns(table: Node) -> Iterator[Breach]:
    node = table.properties.get("columns", Node())
    for names in (["images"], ["IMAGE"], [], [IMAGE, IMAGE]):
        path: Path = (0,) if names and IMAGE not in names else ()
        yield put(_COLUMNS, show(names), names, _found(node, _COLUMN, path)(names))

    def named(names: list[str], table: dict[str, Any]) -> dict[str, Any]:
        return {**table, "columns": names}

    def filled(names: list[str], table: dict[str, Any]) -> dict[str, Any]:
        """Return a table of these columns, with the image in each that is for one."""
        rows = [row if isinstance(row, list) else [row] for row in table["data"]]
        return {**table, "columns": names, "data": [[row[0] if n == IMAGE else "a" for n in names] for row in rows]}

    def narrow(made: dict[str, Any]) -> list[Consequence]:
        return [Consequence(_WIDTH, ("data", i)) for i in _of_other_width(made["columns"], made["data"])]

    columns: Path = ("columns",)
    changes: tuple[tuple[str, Any, list[str], Any], ...] = (
        ("a column without values", named, [IMAGE, "id"], narrow),
        ("two columns of images", filled, [IMAGE, IMAGE], [Consequence(_COLUMN, columns)]),
        ("a column behind that of the images", filled, [IMAGE, "id"], [Consequence("maxItems", columns)]),
        ("a column before that of the images", filled, ["id", IMAGE], [Consequence("enum", (*columns, 0))]),
    )
    for change, make, names, found in changes:
        yield of_table(table, change, partial(make, names), found)


def _numbered_rows(table: Node) -> Iterator[Breach]:
    node = table.properties.get("index", Node())

    def false_for_0(labels: list[Any]) -> list[Any]:
        return [False if label == 0 else label for label in labels]

    def from_1(labels: list[Any]) -> list[Any]:
        return [i for i, _ in enumerate(labels, 1)]

    def more(labels: list[Any]) -> list[Any]:
        return [*labels, len(labels)]

    for change, make, rule in (
        ("counted from 1", from_1, _NO_ROW_0),
        ("false for 0", false_for_0, _NO_ROW_0),
        ("empty", lambda labels: [], _NO_ROW_0),
        ("a number more than there are rows", more, _INDEX_LENGTH),
    ):
        yield Breach(_INDEX, change, make, _found(node, rule), holds="array")

    def row_more(table: dict[str, Any]) -> dict[str, Any]:
        numbered = {**table, "index": list(range(len(table["data"])))}
        return {**numbered, "data": [*table["data"], table["data"][0]]}

    yield of_table(table, "a row without a number", row_more, [Consequence(_INDEX_LENGTH, ("index",))])


# What a row is taken for.


def _rows_of_json(root: Node) -> Iterator[Breach]:
    """Yield a scoring request's rows that are JSON."""
    node = root.at(TABLE) or Node()
    for text in ("12345678", "null", "true", "[]", '"a"'):
        change = f"{show(text)} in the row of index 0, which is JSON"
        yield of_table(node, change, partial(_in_counting_row, text), partial(_at_counting_row, _READS_AS_JSON))

    def all_rows(table: dict[str, Any]) -> dict[str, Any]:
        return each_cell(table, lambda i, image: row_text(**{TEXT: image}))

    change = "every row as in an explainability request"
    yield of_table(node, change, all_rows, partial(_at_counting_row, _EXPLAINS))
    change = "a row added as in an explainability request"
    yield of_table(node, change, partial(with_row, text=row_text(**{TEXT: _PNG})), partial(_at_last, ()))


def _bare_rows(root: Node) -> Iterator[Breach]:
    """Yield an explainability request's rows that are bare base64."""
    node = root.at(TABLE) or Node()
    yield of_table(node, "a row added of bare base64", partial(with_row, text=_PNG), partial(_at_last, (INSIDE,)))
    yield of_table(node, "bare base64 in the row of index 0", partial(_in_counting_row, _PNG), ())


def _in_counting_row(text: str, table: dict[str, Any]) -> dict[str, Any]:
    rows = list(table["data"])
    counts = counting_row(table)
    rows[counts] = [text] if isinstance(rows[counts], list) else text
    return {**table, "data": rows}


def _at_counting_row(rule: str, made: dict[str, Any]) -> list[Consequence]:
    return [Consequence(rule, cell_at(made, counting_row(made)))]


def _at_last(below: Path, made: dict[str, Any]) -> list[Consequence]:
    return [Consequence(_MIXED, (*cell_at(made, len(made["data"]) - 1), *below))]


# The rules a second time: what is broken in a whole request.


def _also(value: Any, place: Path, *, inside: bool) -> Iterator[Consequence]:
    """Yield what is broken in a request, whichever change broke it, of the rules on tables and rows."""
    yield from _of_table(table_of(value), rows_of(value))
    yield from _of_kinds(value, inside)


def _also_explained(value: Any, place: Path) -> Iterator[Consequence]:
    yield from _also(value, place, inside=True)
    yield from wishes_broken(value)


def _of_table(table: dict[str, Any], rows: list[Any]) -> Iterator[Consequence]:
    columns, index = table.get("columns"), table.get("index")
    if isinstance(index, list):
        if 0 not in [label for label in index if type(label) in (int, float)]:
            yield Consequence(_NO_ROW_0, _INDEX)
        if rows and len(index) != len(rows):
            yield Consequence(_INDEX_LENGTH, _INDEX)
    kinds = [type(row) if isinstance(row, str | list) else None for row in rows]
    for i, kind in enumerate(kinds):
        if {kind, kinds[0]} == {str, list}:
            yield Consequence(_NESTING, (*DATA, i))
    if isinstance(columns, list):
        if (named := columns.count(IMAGE)) != 1:
            yield Consequence(_COLUMN, (*_COLUMNS, 0) if columns and not named else _COLUMNS)
        yield from (Consequence(_WIDTH, (*DATA, i)) for i in _of_other_width(columns, rows))


def _of_other_width(columns: list[Any], rows: list[Any]) -> list[int]:
    """Return the rows for which there are too many columns or too few."""
    if not columns or not rows:
        return []
    if isinstance(rows[0], str):  # rows of one value each
        return [0] if len(columns) > 1 else []
    widths = {i: len(row) for i, row in enumerate(rows) if isinstance(row, list)}
    widest = max(widths.values(), default=0)
    if widest != len(columns):
        return [i for i, width in widths.items() if width == widest]
    # Shorter rows are filled up with nothing, which is no image.
    return [i for i, width in widths.items() if width <= (columns.index(IMAGE) if IMAGE in columns else 0)]


def _of_kinds(value: Any, inside: bool) -> Iterator[Consequence]:
    """Yield the rows of another kind than the one that counts."""
    kinds = {cell.row: (cell, kind) for cell in cells_of(value) if (kind := _kind(cell))}
    _, wanted = kinds.get(first_row(value), (None, ""))
    for cell, kind in kinds.values():
        if wanted and kind != wanted:
            yield Consequence(_MIXED, (*cell.path, INSIDE) if inside else cell.path)


def _kind(cell: Cell) -> str:
    """Return what a string is, nothing where it is neither base64 nor an object of JSON."""
    if not isinstance(cell.value, str):
        return ""
    if cell.json is MISSING:
        return "" if shows_json(cell.value) else "base64"
    return "object" if isinstance(cell.json, dict) else ""
