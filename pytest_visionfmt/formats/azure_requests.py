"""Azure AutoML requests to an endpoint: for predictions alone, and for explanations with them."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_requests_images import image_rules
from pytest_visionfmt.formats.azure_requests_rows import (
    cells_of,
    explained_texts,
    first_row,
    plain_texts,
    shows_json,
    unread,
)
from pytest_visionfmt.formats.azure_requests_rules import (
    READS_AS_JSON_RULES,
    TABLE_RULES,
    mixed_rows,
)
from pytest_visionfmt.formats.azure_requests_verdicts import (
    PAGE_SCORING,
    PAGE_XAI,
    SCORING_MISSPELLINGS,
    SCORING_VERDICTS,
    XAI_MISSPELLINGS,
    XAI_VERDICTS,
)
from pytest_visionfmt.formats.azure_requests_xai_rules import XAI_RULES
from pytest_visionfmt.formats.shared_rules import JSON_RULES, SCHEMA_RULES

__all__ = ["FORMATS"]

_SHARED = (*JSON_RULES, *SCHEMA_RULES, *TABLE_RULES)


def _shows_texts(value: Any) -> int:
    return 1 if any(isinstance(cell.value, str) for cell in cells_of(value)) else 0


def _shows_rows_of_json(value: Any) -> int:
    first = first_row(value)
    return 2 if any(cell.row == first and shows_json(cell.value) for cell in cells_of(value)) else 0


def _format(id_: str, title: str, source: str, **rest: Any) -> Format:
    file = f"azure/{id_.removeprefix('azure-')}"
    schemas: dict[Profile, str] = {"documented": f"{file}.schema.json", "reader": f"{file}.reader.schema.json"}
    return Format(id_, title, source, "json", schemas, marks=frozenset({"input_data"}), unread=unread, **rest)


FORMATS = (
    _format(
        "azure-scoring-request",
        "Azure AutoML scoring request",
        PAGE_SCORING,
        rules=(*_SHARED, *image_rules(plain_texts), mixed_rows(inside=False), *READS_AS_JSON_RULES),
        verdicts=SCORING_VERDICTS,
        specific=_shows_texts,
        misspellings=SCORING_MISSPELLINGS,
    ),
    _format(
        "azure-xai-request",
        "Azure AutoML explainability request",
        PAGE_XAI,
        rules=(*_SHARED, *image_rules(explained_texts), mixed_rows(inside=True), *XAI_RULES),
        verdicts=XAI_VERDICTS,
        specific=_shows_rows_of_json,
        misspellings=XAI_MISSPELLINGS,
    ),
)
