"""Drawing Azure requests: rows of one kind, an index that fits, and the same wishes in every row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.azure_images import Size
from pytest_visionfmt.draws.request_images import image_texts
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_requests_rows import IMAGE, flag_of
from pytest_visionfmt.json_paths import INSIDE
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import accepts
from pytest_visionfmt.schema_strategies import Compiler, Hook, decode_record
from pytest_visionfmt.value_decoders import Decoder, Drawing, choice, in_blocks, numbers
from pytest_visionfmt.values import as_float

__all__ = ["RequestArguments", "draw_request"]

_TABLE = "$.input_data"
_DATA = ("input_data", "data")
_CELL = (*_DATA, 0)
_ROW = f"{_TABLE}.data[*]{INSIDE.value}"
_TEXT, _FLAG, _PARAMETERS = "image_base64", "model_explainability", "xai_parameters"
_MOST_IMAGES = 3

# Of each, those that the schema in hand allows; the first is the simplest.
_COLUMNS: tuple[list[str], ...] = (
    [IMAGE], [IMAGE, "id"], ["id", IMAGE], ["name", IMAGE, "id"], ["", "a", IMAGE],
)  # fmt: skip
_OTHER_CELLS = ("a", "", "1", "{}", "null")
_FLAGS: tuple[Any, ...] = (
    False, True, 0, 1, "false", "true", "n", "no", "f", "off", "0", "y", "yes", "t", "on", "1", "False", "True",
    "FALSE", "TRUE", "No", "YES", "oFF", "On",
)  # fmt: skip
_THRESHOLDS: tuple[Any, ...] = (
    -1, 2, 1.5, -1e-9, 100, "0.5", "0", "1", "1e-3", " .5 ", "1_0", "+5E-1", "-1", "inf", "nan", False, True,
)  # fmt: skip
_MORE_PARAMETERS: tuple[tuple[str, Any], ...] = (("note", "a"), ("batch_size", 8), ("zzz", None))
_MORE_KEYS: tuple[tuple[str, Any], ...] = (("note", "a"), ("zzz", None), ("params", {}))


class RequestArguments(NamedTuple):
    """What the user asked for; each means the same in both strategies. None is as it comes."""

    counts: tuple[int, int] | None = None
    image_sizes: st.SearchStrategy[Size] | None = None
    nested: bool | None = None
    with_index: bool | None = None
    model_explainability: bool | None = None


_AS_IT_COMES = RequestArguments()


def draw_request(
    draw: Callable[[st.SearchStrategy[Any]], Any],
    format_: Format,
    profile: Profile,
    arguments: RequestArguments = _AS_IT_COMES,
) -> dict[str, Any]:
    """Draw one Azure request, as its schema in this profile has it."""
    request: dict[str, Any] = decode_record(_decoder(format_, profile, arguments), draw)
    rows = request["input_data"]["data"]
    event(f"visionfmt:{format_.id} rows", "nested" if isinstance(rows[0], list) else "flat")
    return request


@lru_cache(maxsize=128)
def _decoder(format_: Format, profile: Profile, arguments: RequestArguments) -> Decoder:
    root = nodes_of(format_, profile)
    table = root.properties["input_data"]
    if arguments.with_index is False:
        table = replace(table, properties={key: n for key, n in table.properties.items() if key != "index"})
    elif arguments.with_index and "index" in table.optional:
        table = replace(table, required=(*table.required, "index"))
    root = replace(root, properties={**root.properties, "input_data": table})
    cell = root.at(_CELL) or Node()
    row = cell.content or (cell.items and cell.items.content)
    texts = (cell, cell.items or Node()) if row is None else (row.properties.get(_TEXT, Node()),)
    images = image_texts(texts, arguments.image_sizes)
    widened = profile == "reader"
    hooks: dict[str, Hook] = {
        "$": _with_more(_MORE_KEYS) if widened else _as_it_is,
        _TABLE: _table(arguments, cell),
        f"{_TABLE}.columns": _shared(lambda shared: list(shared["columns"])),
        f"{_TABLE}.index": _shared(lambda shared: shared["index"](shared["count"])),
        f"{_TABLE}.data": _plain_rows(images) if row is None else _json_rows(images, row, arguments, widened),
        f"{_ROW}.{_FLAG}": _flag(arguments.model_explainability),
        f"{_ROW}.{_PARAMETERS}": _with_more(_MORE_PARAMETERS) if widened else _as_it_is,
        f"{_ROW}.{_PARAMETERS}.confidence_score_threshold_multilabel": _threshold(widened),
        f"{_ROW}.{_PARAMETERS}.xrai_fast": _flag(None),
    }
    return Compiler(hooks).compile(root)


def _as_it_is(compiler: Compiler, node: Node, site: str) -> Decoder:
    return compiler.plain(node, site)


def _with_more(members: tuple[tuple[str, Any], ...]) -> Hook:
    """An object that sometimes has a key more, which the reader passes over."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        size, read_object = compiler.object(node, site)
        others = choice([{}, *({key: value} for key, value in members if key not in node.properties)])

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            value: dict[str, Any] = read_object(b, at, drawing)
            if b[at + size] > 192:
                value.update(others.read(b, at + size + 1, drawing))
            return value

        return Decoder(size + 1 + others.size, read)

    return hook


# The table.


def _shared(make: Callable[[dict[str, Any]], Any]) -> Hook:
    """What the table has settled for all its parts."""
    return lambda compiler, node, site: Decoder(0, lambda b, at, drawing: make(drawing.shared))


_Index: TypeAlias = Callable[[int], list[Any] | None]
# How rows are numbered, given how many they are.
_INDEXES: tuple[_Index, ...] = (
    lambda count: list(range(count)),
    lambda count: list(range(count))[::-1],
    lambda count: [7 * i for i in range(count)],
    lambda count: [i + 1 for i in range(count - 1)] + [0],
    lambda count: [-i for i in range(count)],
    lambda count: [0, *(f"{i}.png" for i in range(1, count))],
    lambda count: None,
)


def _table(arguments: RequestArguments, cell: Node) -> Hook:
    """Rows are lists or all are not, as wide as there are columns, with as many numbers as rows."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        least, most = arguments.counts or _counts(node.properties.get("data", Node()))
        kinds = [type_ == "array" for type_ in cell.types or ("string",) if type_ in ("string", "array")]
        nestings = [nested for nested in kinds if arguments.nested in (None, nested)]
        if not nestings:
            raise InvalidArgument(f"nested={arguments.nested} is none of the ways that the schema has for rows")
        column_node, index_node = (node.properties.get(key, Node()) for key in ("columns", "index"))
        columns = [names for names in _COLUMNS if accepts(column_node, names)]
        wide = [names for names in columns if len(names) == 1 or True in nestings]
        columns_of = (*[[IMAGE]] * 128, *in_blocks(wide or [[IMAGE]], 128))
        nested_of = in_blocks(nestings)
        index_of = in_blocks([index for index in _INDEXES if accepts(index_node, index(most))] or _INDEXES[:1])
        size, read_object = compiler.object(node, site)

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            names = columns_of[b[at]]
            drawing.shared.update(
                columns=names,
                nested=len(names) > 1 or nested_of[b[at + 1]],
                index=index_of[b[at + 2]],
                count=drawing.source.randint(least, most),
            )
            table: dict[str, Any] = read_object(b, at + 3, drawing)
            drawing.shared["table"] = table
            return table

        return Decoder(3 + size, read)

    return hook


def _counts(data: Node) -> tuple[int, int]:
    """Return how many images a request has where nobody asked for more or fewer."""
    least = max(1, data.min_items)
    most = max(least, _MOST_IMAGES)
    return least, most if data.max_items is None else max(least, min(most, data.max_items))


def _cell(text: str, b: bytes, at: int, shared: dict[str, Any]) -> Any:
    """Return a row of the table, given what stands in its image column."""
    if not shared["nested"]:
        return text
    return [text if name == IMAGE else _OTHER_CELLS[b[at] % len(_OTHER_CELLS)] for name in shared["columns"]]


def _plain_rows(images: Decoder) -> Hook:
    size, read_image = images

    def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
        rows: list[Any] = []
        shared, count = drawing.shared, drawing.shared["count"]

        def fill(b: bytes, at: int) -> None:
            for i in range(at, at + count * (size + 1), size + 1):
                rows.append(_cell(read_image(b, i, drawing), b, i + size, shared))

        drawing.pending.append((count * (size + 1), fill))
        return rows

    return lambda compiler, node, site: Decoder(0, read)


# Rows of JSON.


def _json_rows(images: Decoder, row: Node, arguments: RequestArguments, widened: bool) -> Hook:
    """Rows that ask for the same: all of them say so, or only the one of index 0, which counts."""
    size, read_image = images
    node = replace(
        row,
        properties={key: child for key, child in row.properties.items() if key != _TEXT},
        required=tuple(key for key in row.required if key != _TEXT),
    )
    if arguments.model_explainability and _FLAG not in node.required:
        node = replace(node, required=(*node.required, _FLAG))

    def hook(compiler: Compiler, _: Node, site: str) -> Decoder:
        wishes = (_with_more(_MORE_KEYS) if widened else _as_it_is)(compiler, node, _ROW)

        def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
            shared, count = drawing.shared, drawing.shared["count"]
            asked = wishes.read(b, at + 2, drawing)
            in_all, separators = b[at] < 192, (",", ":") if b[at + 1] > 127 else None
            rows: list[Any] = []

            def fill(b: bytes, at: int) -> None:
                # The table is whole by now, and it has an index or has none.
                index = shared["table"].get("index")
                first = index.index(0) if index else 0
                for i in range(count):
                    text = read_image(b, at, drawing)
                    said = asked if in_all or i == first else {key: asked[key] for key in node.required}
                    value = {_TEXT: text, **said}
                    rows.append(_cell(json.dumps(value, separators=separators), b, at + size, shared))
                    at += size + 1

            drawing.pending.append((count * (size + 1), fill))
            return rows

        return Decoder(2 + wishes.size, read)

    return hook


def _flag(wanted: bool | None) -> Hook:
    """A truth value in any spelling that the schema allows, of the meaning wanted."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        flags = [flag for flag in _FLAGS if wanted in (None, flag_of(flag)) and accepts(node, flag)]
        if not flags:
            raise InvalidArgument(f"the schema has no spelling of {'true' if wanted else 'a truth value'} at {site}")
        return compiler.union([choice(kind) for kind in _by_type(flags)])

    return hook


def _threshold(widened: bool) -> Hook:
    """A ratio; for the reader also other numbers, and spellings that Python's ``float()`` takes."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        low = max(0.0, node.minimum if node.minimum is not None else 0.0)
        high = min(1.0, node.maximum if node.maximum is not None else 1.0)
        others = [value for value in _THRESHOLDS if widened and accepts(node, value)]
        # The default, and where no class is explained or each one, have a share of their own.
        ends = [low, *(value for value in (node.default,) if as_float(value) and low < value < high), high]
        return compiler.union([choice(ends), numbers(low, high), *(choice(kind) for kind in _by_type(others))])

    return hook


def _by_type(values: list[Any]) -> list[list[Any]]:
    """Return values in groups of one type, so that each type has its share."""
    return [[value for value in values if type(value) is type_] for type_ in dict.fromkeys(map(type, values))]
