"""What an Azure request asks an endpoint for, as the service takes it: how many images, what to explain."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_visionfmt.formats.azure_responses_xai_rules import not_an_image
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.values import as_float

__all__ = ["Asked", "asked_of", "holds_json", "rows_of", "rows_without_image"]

_IMAGE = "image"
_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
_FALSE = frozenset({"n", "no", "f", "false", "off", "0"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks to be explained, if ``explains``: nothing where it asks for scores alone.

    ``threshold`` is that of the classes to explain in multilabel classification, None where the
    request has none that reads as a number.
    """

    explains: bool = False
    visualizations: bool = False
    attributions: bool = False
    threshold: float | None = None

    def wants(self, key: str) -> bool:
        """Whether the request asks for what stands under a key of explanations."""
        return self.visualizations if key == "visualizations" else self.attributions


def _table(request: Any) -> Mapping[str, Any]:
    table = request.get("input_data") if isinstance(request, dict) else None
    return table if isinstance(table, dict) else {}


def rows_of(request: Any) -> list[Any] | None:
    """Return the values of the image column, one a row; None where the request has no rows."""
    table = _table(request)
    data, columns = table.get("data"), table.get("columns")
    if not isinstance(data, list):
        return None
    names = columns if isinstance(columns, list) else []
    at = next((i for i, name in enumerate(names) if isinstance(name, str) and name == _IMAGE), 0)
    return [(row[at] if at < len(row) else None) if isinstance(row, list) else row for row in data]


def _first(request: Any) -> Any:
    """Return the row of index 0, which counts for all rows: without an index, the first."""
    rows = rows_of(request) or []
    index = _table(request).get("index")
    labels = index if isinstance(index, list) else []
    at = next((i for i, label in enumerate(labels) if type(label) is int and label == 0), 0)
    return rows[at] if at < len(rows) else None


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else MISSING
    except (ValueError, RecursionError):
        return MISSING


def holds_json(request: Any) -> bool:
    """Whether the service takes the rows of a request for JSON rather than bare base64."""
    return isinstance(_parsed(_first(request)), dict)


def asked_of(request: Any) -> Asked | None:
    """Return what a request asks to be explained, None where the service cannot read it."""
    first = _first(request)
    row = _parsed(first)
    if not isinstance(first, str) or not (row is MISSING or isinstance(row, dict)):
        return None
    if row is MISSING:
        return Asked()
    word = str(row.get("model_explainability", False)).lower()
    parameters = row.get("xai_parameters", {})
    if word in _FALSE:
        return Asked()
    if word not in _TRUE or not isinstance(parameters, dict):
        return None
    visualizations, attributions = parameters.get("visualizations", True), parameters.get("attributions", False)
    if not isinstance(visualizations, bool) or not isinstance(attributions, bool):
        return None
    threshold = as_float(parameters.get("confidence_score_threshold_multilabel", 0.5))
    return Asked(True, visualizations, attributions, threshold)


def rows_without_image(request: Any) -> list[int]:
    """Return which rows decode to bytes that are no image: the service passes over these silently."""
    return [n for n, text in _texts(request) if _is_no_image(text)]


def _texts(request: Any) -> Iterator[tuple[int, Any]]:
    as_json = holds_json(request)
    for n, cell in enumerate(rows_of(request) or ()):
        row = _parsed(cell) if as_json else None
        yield n, row.get("image_base64") if isinstance(row, dict) else cell


def _is_no_image(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(not_an_image(base64.b64decode(text)))
    except ValueError:  # of what cannot be decoded, the service refuses the whole request
        return False
