"""The rules of Azure explainability requests: what the row of index 0 says, and what the service makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_visionfmt.findings import Reaction, Severity
from pytest_visionfmt.format import Hit, Judgement, Record, Rule, Verdict
from pytest_visionfmt.formats.azure_requests_rows import (
    cells_of,
    first_cell,
    flag_of,
    is_on,
    parameters_of,
    row_nodes,
    xai_defaults,
)
from pytest_visionfmt.formats.azure_requests_verdicts import (
    INFERRED,
    PAGE_XAI,
    READ,
    RUN,
    WRAPPER,
    answers_error,
    page_only,
)
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.values import as_float, show

__all__ = ["CRASHING", "XAI_RULES"]

_THRESHOLD = "confidence_score_threshold_multilabel"
# The wrapper hands the parameters on as keyword arguments, beside these of its own.
CRASHING = (
    "model", "mini_batch", "score_with_model", "model_explainability", "model_wrapper", "run", "target_path",
    "output_file", "root_dir", "image_list_file", "labeled_dataset_file", "device", "num_workers", "xai_method",
)  # fmt: skip
_BATCH_SIZE = "batch_size"


def _differs(value: Any) -> Iterator[Hit]:
    first = first_cell(value)
    if first is None:
        return
    on, wanted = is_on(first.json), _parameters(first.json)
    for cell in cells_of(value):
        if cell.row == first.row or not isinstance(cell.json, dict):
            continue
        path: Path = (*cell.path, INSIDE)
        flag = cell.json.get("model_explainability")
        if "model_explainability" in cell.json and flag_of(flag) not in (None, on):
            yield Hit((*path, "model_explainability"), f"{show(flag)} here, {show(on)} in row {first.row}")
        explains = on and is_on({"model_explainability": on, **cell.json})
        if explains and "xai_parameters" in cell.json:
            given = _parameters(cell.json)
            other = [key for key in given | wanted if given.get(key, MISSING) != wanted.get(key, MISSING)]
            if other:
                yield Hit((*path, "xai_parameters"), f"{show(other[0])} is another here than in row {first.row}")


def _parameters(row: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a row, those that are absent by their defaults."""
    given = row.get("xai_parameters")
    return {**xai_defaults("reader"), **(given if isinstance(given, dict) else {})}


def _crashing(value: Any) -> Iterator[Hit]:
    if found := parameters_of(value):
        path, parameters, _ = found
        for key in CRASHING:
            if key in parameters:
                yield Hit((*path, key), f"{show(key)} is what the service itself calls an argument")


def _undocumented(value: Any) -> Iterator[Hit]:
    if not (found := parameters_of(value)):
        return
    path, parameters, _ = found
    page, reader = (row_nodes(profile).properties["xai_parameters"].properties for profile in ("documented", "reader"))
    for key in parameters:
        if key in reader and key not in page:
            says = f"the service takes it, {show(reader[key].default)} where it is absent"
            yield Hit((*path, key), f"{show(key)} is not on the page; {says}")
        elif key == _BATCH_SIZE:
            yield Hit((*path, key), f"{show(key)} is not on the page; it sets how many images are scored at once")


def _threshold(value: Any) -> Iterator[Hit]:
    if found := parameters_of(value):
        path, parameters, on = found
        number = as_float(parameters.get(_THRESHOLD))
        if on and number is not None and not 0 <= number <= 1:
            yield Hit((*path, _THRESHOLD), f"{show(parameters[_THRESHOLD])} is outside 0 to 1, where all scores are")


def _guided_gradcam(value: Any) -> Iterator[Hit]:
    if found := parameters_of(value):
        path, parameters, on = found
        if on and parameters.get("xai_algorithm") == "guided_gradcam":
            yield Hit((*path, "xai_algorithm"), "guided_gradcam, which ViT models do not support")


def _whole_float(value: Any) -> Iterator[Hit]:
    """Find floats that JSON Schema takes for integers: Python does not."""
    if cell := first_cell(value):
        key = "model_explainability"
        if _is_whole_float(cell.json.get(key), row_nodes("reader").properties[key]):
            yield _is_float((*cell.path, INSIDE, key), cell.json[key])
    if found := parameters_of(value):
        path, parameters, on = found
        for key, node in row_nodes("reader").properties["xai_parameters"].properties.items():
            if on and _is_whole_float(parameters.get(key), node):
                yield _is_float((*path, key), parameters[key])


def _is_whole_float(number: Any, node: Node) -> bool:
    return (
        isinstance(number, float)
        and "integer" in node.types
        and number.is_integer()
        and (node.minimum is None or node.minimum <= number)
        and (node.maximum is None or number <= node.maximum)
    )


def _is_float(path: Path, number: float) -> Hit:
    return Hit(path, f"{number!r} is written as a float; the service wants {int(number)}")


_FIRST_ROW_COUNTS = Judgement(
    Severity.WARNING, Reaction.VALUE_MISREAD, RUN,
    "the service takes what to explain, and how, from the row of index 0 for all rows, silently",
)  # fmt: skip
_NO_VIT = Judgement(
    Severity.NOTE, Reaction.LOAD_FAILS, READ,
    "of a ViT model, such as the default vitb16r224, the endpoint answers with an error",
)  # fmt: skip

XAI_RULES = (
    Rule(
        "VF415", "other-row-differs", "A row asks for other explanations than the row of index 0.", WRAPPER,
        Verdict(_FIRST_ROW_COUNTS, _FIRST_ROW_COUNTS), Record(_differs),
    ),
    Rule(
        "VF416", "crashing-parameter", "A parameter has the name of one of the service's own arguments.", WRAPPER,
        answers_error(
            'TypeError, "got multiple values"; seen with model, run and mini_batch, read of the others', READ
        ),
        Record(_crashing), frozenset({"VF612"}),
    ),
    Rule(
        "VF417", "undocumented-parameter", "A parameter has an effect and is not on the page.", WRAPPER,
        page_only(Severity.WARNING, "the reader takes it; the page does not name it", RUN),
        Record(_undocumented), frozenset({"VF612"}),
    ),
    Rule(
        "VF418", "threshold-range", "The threshold of scores is outside 0 to 1.", PAGE_XAI,
        page_only(
            Severity.WARNING, "the reader takes any number: above 1 no class is explained, below 0 each one is",
            INFERRED,
        ),
        Record(_threshold),
    ),
    Rule(
        "VF419", "guided-gradcam", "The method of explanation is one that ViT models do not support.", WRAPPER,
        Verdict(_NO_VIT, _NO_VIT), Record(_guided_gradcam),
    ),
    Rule(
        "VF420", "whole-float", "An integer is written as a float.", WRAPPER,
        answers_error("ValueError, invalid truth value", READ), Record(_whole_float), frozenset({"VF602"}),
    ),
)  # fmt: skip
