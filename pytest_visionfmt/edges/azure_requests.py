"""Edge cases of Azure requests: how images are written, how rows are numbered, and who says what to explain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from pytest_visionfmt.draws.request_images import TYPES, image_text
from pytest_visionfmt.edges.cases import EdgeCase, holds, values_at
from pytest_visionfmt.edges.families import Edges
from pytest_visionfmt.edges.maker import Maker, Simplest
from pytest_visionfmt.formats.azure_requests_rows import IMAGE
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path
from pytest_visionfmt.values import fresh

__all__ = ["EDGES"]

_PNG = image_text("PNG", (1, 1))
_TABLE: Path = ("input_data",)
_COLUMNS: Path = (*_TABLE, "columns")
_INDEX: Path = (*_TABLE, "index")
_ROW: Path = (*_TABLE, "data", 0)
_THRESHOLD = "confidence_score_threshold_multilabel"


def _settle(request: Any) -> None:
    """Number every row where some are numbered, one of them 0."""
    table = request["input_data"]
    index, rows = table.get("index"), table["data"]
    if not isinstance(index, list) or not index:
        return
    index += range(len(index), len(rows))
    if 0 not in index:
        index.append(0)
    rows += [fresh(rows[0]) for _ in range(len(index) - len(rows))]


def _images(text: Callable[[Any], list[str]]) -> list[tuple[str, str, str, Callable[[Any], bool] | None]]:
    """Return (name, image as base64, why, like) of images that trip clients, given the texts of a request."""

    def begins(start: str) -> Callable[[Any], bool]:
        return lambda request: any(found.startswith(start) for found in text(request))

    def breaks(line_break: str) -> Callable[[Any], bool]:
        return lambda request: any(line_break in found for found in text(request))

    def is_text(wanted: str) -> Callable[[Any], bool]:
        return lambda request: wanted in text(request)

    starts = {type_: image_text(type_, (1, 1))[:4] for type_ in TYPES}
    return [
        *((f"image-{type_.lower()}", image_text(type_, (1, 1)), f"The image is {type_}, of one pixel.", begins(start))
          for type_, start in starts.items()),
        ("line-breaks", image_text("PNG", (32, 24), "\n"),
         "The base64 is in several lines, as base64.encodebytes writes it.", breaks("\n")),
        ("line-break-behind", image_text("BMP", (1, 1), "\n"),
         "The base64 is one line that ends in a line break.", is_text(image_text("BMP", (1, 1), "\n"))),
        ("windows-line-breaks", image_text("PNG", (32, 24), "\r\n"),
         "The base64 is in lines that end as Windows ends them.", breaks("\r\n")),
        ("image-wide", image_text("PNG", (32, 1)), "The image is one row of pixels.",
         is_text(image_text("PNG", (32, 1)))),
        ("image-high", image_text("PNG", (1, 32)), "The image is one column of pixels.",
         is_text(image_text("PNG", (1, 32)))),
        ("image-large", image_text("JPEG", (1024, 768)), "The image is as large as a photograph on a page.", None),
    ]  # fmt: skip


def _cases(maker: Maker, row: Callable[[str], str], text: Callable[[Any], list[str]]) -> Iterator[EdgeCase]:
    """Yield the cases of both formats; ``row`` is the row of an image, ``text`` returns the images of a request."""
    plain = row(_PNG)
    for name, image, why, like in _images(text):
        yield from maker.case(name, why, {_ROW: row(image)}, like)
    two: dict[Path, Any] = {(*_TABLE, "data", i): plain for i in range(2)}
    nested = {path: [value] for path, value in two.items()}
    yield from maker.case("nested", "The row is a list of its one value.", {_ROW: [plain]}, _is_nested)
    yield from maker.case("nested-twice", "Both rows are lists of one value.", nested, _is_nested)
    yield from maker.case("same-image-twice", "Two rows hold the same image.", two)
    types = {(*_TABLE, "data", i): row(image_text(type_, (1, 1))) for i, type_ in enumerate(TYPES)}
    yield from maker.case("images-of-all-types", "The images are of several types.", types)
    many: dict[Path, Any] = {(*_TABLE, "data", i): plain for i in range(50)}
    yield from maker.case("very-many-images", "The request has more images than an endpoint takes at once.", many)
    for name, index, why in (
        ("index", [0, 1], "The rows are numbered in order."),
        ("index-backwards", [1, 0], "The rows are numbered backwards, so that the last one counts."),
        ("index-with-gaps", [0, 7], "The numbers of the rows have a gap."),
        ("index-negative", [0, -1], "A number of a row is negative."),
    ):
        yield from maker.case(name, why, {**two, _INDEX: index}, holds(_INDEX, index))
    if maker.profile == "reader":
        yield from _cases_of_the_reader(maker, plain, two)


def _cases_of_the_reader(maker: Maker, plain: str, two: dict[Path, Any]) -> Iterator[EdgeCase]:
    yield from maker.case("index-null", "Null for an index, which means none.", {_INDEX: None}, holds(_INDEX, None))
    names = [0, "1.png"]
    yield from maker.case(
        "index-of-names", "Rows have names beside the one that is 0.", {**two, _INDEX: names}, holds(_INDEX, names)
    )
    for name, columns, why in (
        ("column-behind", [IMAGE, "id"], "A column more, behind that of the images."),
        ("column-before", ["id", IMAGE], "A column more, before that of the images."),
        ("columns-around", ["name", IMAGE, "id"], "Columns on both sides of that of the images."),
    ):
        cells = [plain if column == IMAGE else "a" for column in columns]
        yield from maker.case(name, why, {_COLUMNS: columns, _ROW: cells}, holds(_COLUMNS, columns))
    note: Path = ("note",)
    yield from maker.case("extra-key-note", "A key that the service never looks at.", {note: "a"}, holds(note, "a"))


def _is_nested(request: Any) -> bool:
    return isinstance(request["input_data"]["data"][0], list)


def _scoring(maker: Maker) -> Iterator[EdgeCase]:
    yield from _cases(maker, str, _plain_texts)


def _plain_texts(request: Any) -> list[str]:
    rows = request["input_data"]["data"]
    return [text for row in rows for text in (row if isinstance(row, list) else [row])]


def _row(text: str, **wishes: Any) -> str:
    return json.dumps({"image_base64": text, **wishes})


def _inner_texts(request: Any) -> list[str]:
    places = (_ROW, (*_ROW, 0))
    return [text for place in places for text in values_at(request, (*place, INSIDE, "image_base64"))]


def _xai(maker: Maker) -> Iterator[EdgeCase]:
    yield from _cases(maker, _row, _inner_texts)
    inside = (*_ROW, INSIDE)
    flag: Path = (*inside, "model_explainability")
    parameters: Path = (*inside, "xai_parameters")
    threshold: Path = (*parameters, _THRESHOLD)
    defaults = maker.node(parameters).default
    if defaults is MISSING:  # an edited schema has no parameters
        return
    yield from maker.case("defaults-given", "Every parameter of the page's example is its default.",
                          {flag: True, parameters: defaults}, _explains)  # fmt: skip
    yield from maker.case("no-parameter", "The parameters are there, and none is given.",
                          {flag: True, parameters: {}}, holds(parameters, {}))  # fmt: skip
    yield from maker.case("nothing-to-return", "Explanations are asked for, and neither of their two forms.",
                          {flag: True, parameters: {"visualizations": False, "attributions": False}}, None)  # fmt: skip
    yield from maker.case("scores-only", "Parameters are given, and no explanation is asked for.",
                          {flag: False, parameters: defaults}, holds(flag, False))  # fmt: skip
    for name, value, why in (
        ("threshold-zero", 0.0, "The threshold is 0, so that nearly each class is explained."),
        ("threshold-one", 1.0, "The threshold is 1, so that no class is explained."),
    ):
        yield from maker.case(name, why, {flag: True, threshold: value}, holds(threshold, value))
    full = {"model_explainability": True, "xai_parameters": {**defaults, _THRESHOLD: 0.5}}
    yield from maker.case("nested-with-wishes", "A row that is a list asks for an explanation in every detail.",
                          {_ROW: [_row(_PNG, **full)]})  # fmt: skip
    wishes = {"model_explainability": True, "xai_parameters": defaults}
    first, other = _row(_PNG, **wishes), _row(_PNG)
    rows = [(*_TABLE, "data", i) for i in range(2)]
    yield from maker.case("wishes-in-the-first-row", "The first row says for both what to explain.",
                          dict(zip(rows, (first, other), strict=True)), _says_in(0))  # fmt: skip
    yield from maker.case("wishes-in-the-row-of-index-0", "The last row, of index 0, says for both what to explain.",
                          {**dict(zip(rows, (other, first), strict=True)), _INDEX: [1, 0]}, _says_in(1))  # fmt: skip
    compact = json.dumps({"image_base64": _PNG, **wishes}, separators=(",", ":"))
    yield from maker.case("compact-row", "The JSON of a row has no spaces.", {_ROW: compact}, _is_compact)
    spread = json.dumps({"image_base64": _PNG, **wishes}, indent=2)
    yield from maker.case("pretty-printed-row", "The JSON of a row is spread over lines.", {_ROW: spread})
    yield from maker.case("space-around-row", "The JSON of a row has spaces around it.", {_ROW: f" {first}\n"})
    backwards = json.dumps({**wishes, "image_base64": _PNG})
    yield from maker.case("image-last", "The image is the last key of its row.", {_ROW: backwards})
    if maker.profile == "reader":
        for value in (-1, 2):
            name = f"threshold-{'below-zero' if value < 0 else 'above-one'}"
            why = "The threshold is a number that no score can have."
            yield from maker.case(name, why, {flag: True, threshold: value}, holds(threshold, value))
        size: Path = (*parameters, "batch_size")
        yield from maker.case("batch-size", "How many images are scored at once, which the page does not name.",
                              {flag: True, size: 8}, holds(size, 8))  # fmt: skip


def _rows(request: Any) -> list[Any]:
    rows = request["input_data"]["data"]
    return [json.loads(row) for row in rows if isinstance(row, str)]


def _explains(request: Any) -> bool:
    return any(row.get("model_explainability") is True for row in _rows(request))


def _says_in(at: int) -> Callable[[Any], bool]:
    """Return the test whether of several rows only the one at a position says anything."""

    def like(request: Any) -> bool:
        said = ["model_explainability" in row or "xai_parameters" in row for row in _rows(request)]
        return len(said) > at and len(said) > 1 and said[at] and sum(said) == 1

    return like


def _is_compact(request: Any) -> bool:
    return any('":' in row and '": ' not in row for row in request["input_data"]["data"] if isinstance(row, str))


def _simplest(*sites: str) -> dict[str, Simplest]:
    """Return the image that stands at these sites, unless a schema alone knows better."""
    images: dict[str, Simplest] = {site: lambda node: _PNG for site in sites}
    table: dict[str, Simplest] = {
        "$.input_data.columns": lambda node: [IMAGE],
        "$.input_data.index": lambda node: [0],
        "$.input_data.index[*]": lambda node: 0,
    }
    return {**table, **images}


_CELLS = ("$.input_data.data[*]", "$.input_data.data[*][*]")
EDGES: dict[str, Edges] = {
    "azure-scoring-request": Edges(_simplest(*_CELLS), _settle, _scoring),
    "azure-xai-request": Edges(_simplest(*(f"{site} > $.image_base64" for site in _CELLS)), _settle, _xai),
}
