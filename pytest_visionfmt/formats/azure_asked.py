"""What an Azure request asks an endpoint for, as the service takes it: how many images, what to explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_visionfmt.formats.azure_requests_images import decode
from pytest_visionfmt.formats.azure_requests_rows import (
    cells_of,
    explained_texts,
    first_cell,
    first_row,
    flag_of,
    plain_texts,
    rows_of,
    table_of,
    xai_defaults,
)
from pytest_visionfmt.image_facts import ImageProblem
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.values import as_float

__all__ = ["Asked", "asked_of", "holds_json", "number_of_rows", "rows_without_image"]


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


def number_of_rows(request: Any) -> int | None:
    """Return how many rows a request has, None where it has no list of them."""
    return len(rows_of(request)) if isinstance(table_of(request).get("data"), list) else None


def holds_json(request: Any) -> bool:
    """Whether the service takes the rows of a request for JSON rather than bare base64."""
    return first_cell(request) is not None


def asked_of(request: Any) -> Asked | None:
    """Return what a request asks to be explained, None where the service cannot read it."""
    first = next((cell for cell in cells_of(request) if cell.row == first_row(request)), None)
    if first is None or not isinstance(first.value, str):
        return None
    if first.json is MISSING:
        return Asked()
    defaults = xai_defaults()
    row = {"xai_parameters": {}, **defaults, **first.json} if isinstance(first.json, dict) else {}
    explains, parameters = flag_of(row.get("model_explainability")), row.get("xai_parameters")
    if explains is False:
        return Asked()
    if explains is None or not isinstance(parameters, dict):
        return None
    wanted = {**defaults, **parameters}
    visualizations, attributions = wanted["visualizations"], wanted["attributions"]
    if not isinstance(visualizations, bool) or not isinstance(attributions, bool):
        return None
    return Asked(True, visualizations, attributions, as_float(wanted["confidence_score_threshold_multilabel"]))


def rows_without_image(request: Any) -> list[int]:
    """Return which rows decode to bytes that are no image: the service passes over these silently.

    Where a row cannot be decoded at all, the service refuses the whole request.
    """
    rows = []
    for path, text in (explained_texts if holds_json(request) else plain_texts)(request):
        if isinstance(decode(text).image, ImageProblem):
            rows += [step for step in path if isinstance(step, int)][:1]
    return rows
