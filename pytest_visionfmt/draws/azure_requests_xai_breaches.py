"""Breaking what is to be explained: wishes that differ from row to row, parameters that stop the service."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from pytest_visionfmt.breaches import Breach, Consequence
from pytest_visionfmt.draws.request_images import image_text
from pytest_visionfmt.draws.request_tables import (
    CELLS,
    FLAG,
    PARAMETERS,
    TABLE,
    TEXT,
    cell_at,
    each_cell,
    of_table,
    row_text,
    switched_on,
    with_row,
)
from pytest_visionfmt.formats.azure_requests_rows import (
    cells_of,
    first_cell,
    flag_of,
    is_on,
    parameters_of,
    row_nodes,
    xai_defaults,
)
from pytest_visionfmt.formats.azure_requests_xai_rules import CRASHING
from pytest_visionfmt.json_paths import INSIDE, Path
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_refusals import refusals
from pytest_visionfmt.values import as_float, show

__all__ = ["tidy", "wish_breaches", "wishes_broken"]

_DIFFERS, _CRASHES, _UNDOCUMENTED = "VF415", "VF416", "VF417"
_RANGE, _NO_VIT, _FLOAT = "VF418", "VF419", "VF420"
_ALGORITHM, _GUIDED_GRADCAM = "xai_algorithm", "guided_gradcam"
_THRESHOLD = "confidence_score_threshold_multilabel"
_PNG = image_text("PNG", (1, 1))


def wish_breaches(root: Node) -> Iterator[Breach]:
    """Yield the breaches of what is to be explained, and of the JSON that says so."""
    yield from _other_rows(root.at(TABLE) or Node())
    for cell in CELLS:
        yield from _of_json(cell)
        yield from _of_parameters(root, (*cell, INSIDE, PARAMETERS))
        flag: Path = (*cell, INSIDE, FLAG)
        for value in (1.0, 0.0):
            consequences = [Consequence(_FLOAT), *refusals(root.at(flag) or Node(), value)]
            yield put(flag, f"{value}, a float without a fraction", value, consequences)


# The JSON of a row.


def _of_json(cell: Path) -> Iterator[Breach]:
    """Yield what is wrong with the text of a row, which the schema does not see."""
    text: Path = (INSIDE, TEXT)
    for change, make, fact, path in (
        ("a raw line break in the base64", _with_line_break, "control-character", text),
        ("the JSON twice", lambda row: f"{row}{row}", "several-values", (INSIDE,)),
        ("a key twice", lambda row: f'{{"{TEXT}": null, {row.lstrip()[1:]}', "duplicate-key", text),
        ("half of a surrogate pair", lambda row: f'{{"memo": "\\ud83d", {row.lstrip()[1:]}', "lone-surrogate",
         (INSIDE, "memo")),
    ):  # fmt: skip
        yield Breach(cell, f"{change} in the JSON of the row", make, [Consequence(fact, path)], holds="string")


def _with_line_break(row: str) -> str:
    return re.sub(rf'("{TEXT}":\s*")', "\\1\n", row)


# Rows that differ.


def _other_rows(table: Node) -> Iterator[Breach]:
    def other_flag(table: dict[str, Any]) -> dict[str, Any]:
        return with_row(table, _row(**{FLAG: not _asked(table)[0]}))

    def other_parameters(table: dict[str, Any]) -> dict[str, Any]:
        table = switched_on(table)
        asked = _of_the_page(_asked(table)[1])
        return with_row(table, _row(**{FLAG: True, PARAMETERS: {**asked, "attributions": not asked["attributions"]}}))

    def no_flag(table: dict[str, Any]) -> dict[str, Any]:
        return with_row(table, _row(**{FLAG: "maybe"}))

    def no_boolean(table: dict[str, Any]) -> dict[str, Any]:
        return with_row(switched_on(table), _row(**{PARAMETERS: {"visualizations": "True"}}))

    def no_number(table: dict[str, Any]) -> dict[str, Any]:
        return with_row(table, _row(**{PARAMETERS: {_THRESHOLD: math.nan}}))

    def at_number(made: dict[str, Any]) -> list[Consequence]:
        row: Path = (*cell_at(made, len(made["data"]) - 1), INSIDE)
        # What is no JSON is no matter for a schema.
        by_schema = [found for found in refusals(table, made) if found.path[: len(row)] != row]
        return [Consequence("not-a-number", (*row, PARAMETERS, _THRESHOLD)), *by_schema]

    for change, make, key in (
        ("a row added that asks the opposite", other_flag, FLAG),
        ("a row added that asks for other explanations", other_parameters, PARAMETERS),
    ):
        yield of_table(table, change, make, partial(_at_last, key))
    # The service does not look at these values; the page minds, and so does the parser.
    yield of_table(table, f"{show('maybe')} for a flag in a row added", no_flag, ())
    yield of_table(table, f"{show('True')} for a boolean in a row added", no_boolean, ())
    yield Breach(TABLE, f"{show(math.nan)} for a number in a row added", no_number, at_number, holds="object")


def _of_the_page(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that the page names."""
    named = row_nodes("documented").properties[PARAMETERS].properties
    return {key: value for key, value in parameters.items() if key in named}


def _row(**members: Any) -> str:
    return row_text(**{TEXT: _PNG, **members})


def _at_last(key: str, made: dict[str, Any]) -> list[Consequence]:
    return [Consequence(_DIFFERS, (*cell_at(made, len(made["data"]) - 1), INSIDE, key))]


def _asked(table: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
    """Return whether a valid table asks for explanations, and all parameters that count."""
    first = first_cell({TABLE[0]: table})
    row: dict[str, Any] = first.json if first else {}
    return is_on(row), _all_parameters(row)


# Parameters.


def _of_parameters(root: Node, place: Path) -> Iterator[Breach]:
    node = root.at(place) or Node()
    reader = row_nodes("reader").properties[PARAMETERS]

    def of_key(change: str, key: str, value: Any, *rules: str) -> Breach:
        """Return the breach that sets a parameter: of rules, or else of what the schemas say of its value."""
        found = [Consequence(rule, (key,)) for rule in rules]
        if key in reader.properties and not _of_the_page({key: value}):
            found += [*refusals(reader.properties[key], value, (key,)), Consequence(_UNDOCUMENTED, (key,))]

        def make(parameters: dict[str, Any]) -> dict[str, Any]:
            return {**parameters, key: value}

        return Breach(place, change, make, lambda made: [*found, *refusals(node, made)], holds="object")

    # Another spelling of the algorithm is a breach of the schema.
    for key in CRASHING:
        if key != "xai_method":
            yield of_key(f"{show(key)} for a parameter", key, "a", _CRASHES)
    yield of_key("a batch size, which the page does not name", "batch_size", 8, _UNDOCUMENTED)
    for key, value in (("n_steps", 9), ("approximation_method", "gausslegendre"), ("xrai_fast", False)):
        yield of_key(f"{show(key)}, which the page does not name", key, value)
    wrong: tuple[tuple[str, Any, str], ...] = (
        ("n_steps", 1, "too few"),
        ("n_steps", "50", "a word for a number"),
        ("n_steps", True, "true for a number"),
        ("approximation_method", "riemann", "none that there is"),
        ("xrai_fast", "maybe", "no truth value"),
        ("xrai_fast", 2, "no truth value"),
        ("xrai_fast", None, "no truth value"),
    )
    for key, found, what in wrong:
        yield of_key(f"{key} {show(found)}, {what}", key, found)
    for key, number in (("n_steps", 50.0), ("xrai_fast", 1.0)):
        yield of_key(f"{key} {number}, a float without a fraction", key, number, _FLOAT)
    for threshold, what in ((-0.01, "below 0"), (1.01, "above 1"), (50, "in percent")):
        yield of_key(f"a threshold of {threshold}, {what}", _THRESHOLD, threshold, _RANGE)
    yield of_key("the algorithm that ViT models do not support", _ALGORITHM, _GUIDED_GRADCAM, _NO_VIT)

    def misspelt(parameters: dict[str, Any]) -> dict[str, Any]:
        return {**{key: value for key, value in parameters.items() if key != "n_steps"}, "n_step": 9}

    found_at = [Consequence("misspelt", ("n_step",), meant="n_steps")]
    yield Breach(place, '"n_step" for "n_steps"', misspelt, found_at, holds="object")


# The rules a second time: what is broken in a whole request.


def wishes_broken(value: Any) -> Iterator[Consequence]:
    """Yield what is broken in what a request wants explained, whichever change broke it."""
    first = first_cell(value)
    if first is None:
        return
    on = is_on(first.json)
    parameters = first.json.get(PARAMETERS)
    if isinstance(parameters, dict):
        at: Path = (*first.path, INSIDE, PARAMETERS)
        yield from (Consequence(_CRASHES, (*at, key)) for key in parameters if key in CRASHING)
        threshold = as_float(parameters.get(_THRESHOLD))
        if on and threshold is not None and not 0 <= threshold <= 1:
            yield Consequence(_RANGE, (*at, _THRESHOLD))
        if on and parameters.get(_ALGORITHM) == _GUIDED_GRADCAM:
            yield Consequence(_NO_VIT, (*at, _ALGORITHM))
    for cell in cells_of(value):
        if cell.row != first.row and isinstance(cell.json, dict):
            asks = flag_of(cell.json.get(FLAG))  # null, for an absent one, is no truth value
            if asks is (not on):
                yield Consequence(_DIFFERS, (*cell.path, INSIDE, FLAG))
            elif on and PARAMETERS in cell.json and _all_parameters(cell.json) != _all_parameters(first.json):
                yield Consequence(_DIFFERS, (*cell.path, INSIDE, PARAMETERS))


def _all_parameters(row: dict[str, Any]) -> dict[str, Any]:
    given = row.get(PARAMETERS)
    return {**xai_defaults("reader"), **(given if isinstance(given, dict) else {})}


# Files.


def tidy(values: list[Any]) -> None:
    """Let no request ask for the algorithm that is a note: files are to have one reason only."""
    for value in values:
        found = parameters_of(value)
        if found and found[1].get(_ALGORITHM) == _GUIDED_GRADCAM:
            value[TABLE[0]] = each_cell(value[TABLE[0]], _other_algorithm)


def _other_algorithm(i: int, text: str) -> str:
    row = json.loads(text)
    if row.get(PARAMETERS, {}).get(_ALGORITHM) == _GUIDED_GRADCAM:
        row[PARAMETERS][_ALGORITHM] = xai_defaults()[_ALGORITHM]
    return json.dumps(row)
