"""Records as types: in step with the schemas, and drawn by ``st.from_type``."""

from __future__ import annotations

import importlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from drawing import same
from hypothesis import find, given, settings
from hypothesis import strategies as st
from test_architecture import HEAVY, loaded_by

from pytest_visionfmt import TABLE, Severity, check_record, types
from pytest_visionfmt.from_type import register
from pytest_visionfmt.json_paths import INSIDE
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.types import (
    RECORD_TYPES,
    AzureODRecord,
    Box,
    ImageDetails,
    Outline,
    PredictedLabel,
    RequestTable,
    TruthLabel,
    XAIParameters,
    XAIRow,
)

PYPROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}

register()  # an installed package is registered when Hypothesis is imported


def differences(hint: Any, node: Node, place: str = "$") -> Iterator[str]:
    """Yield where a type says something else than the schema."""
    if get_origin(hint) in (NotRequired, Required):
        (hint,) = get_args(hint)
    hint = getattr(hint, "__supertype__", hint)  # of a NewType
    if is_typeddict(hint):
        hints = get_type_hints(hint, include_extras=True)
        if hints.keys() != node.properties.keys():
            yield f"{place}: keys {sorted(hints)} and {sorted(node.properties)}"
            return
        if hint.__required_keys__ != set(node.required):
            yield f"{place}: required {sorted(hint.__required_keys__)} and {sorted(node.required)}"
        if node.types != ("object",):
            yield f"{place}: an object and {node.types}"
        for key, below in hints.items():
            yield from differences(below, node.properties[key], f"{place}.{key}")
    elif type(None) in get_args(hint) and "null" in node.types:
        below = [member for member in get_args(hint) if member is not type(None)]
        others = replace(node, types=tuple(type_ for type_ in node.types if type_ != "null"))
        yield from differences(Union[tuple(below)], others, place)  # noqa: UP007 - of one or more
    elif get_origin(hint) is list:
        if node.types != ("array",) or node.items is None:
            yield f"{place}: a list and {node.types}"
        else:
            yield from differences(get_args(hint)[0], node.items, f"{place}[*]")
    elif node.enum is not None:
        values = list(values_of(hint))
        if len(values) != len(node.enum) or not all(any(same(a, b) for a in values) for b in node.enum):
            yield f"{place}: values {values} and {node.enum}"
    else:
        members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        lists = [member for member in members if get_origin(member) is list]
        for member in lists:
            yield from differences(get_args(member)[0], node.items or Node(), f"{place}[*]")
        if {"array" if member in lists else NAMES.get(member) for member in members} != set(node.types):
            yield f"{place}: types {members} and {node.types}"


def values_of(hint: Any) -> Iterator[Any]:
    """Yield the values that a type of few values has."""
    if hint is bool:
        yield from (False, True)
    elif get_origin(hint) is Literal:
        yield from get_args(hint)
    elif get_origin(hint) in (Union, UnionType):
        for member in get_args(hint):
            yield from values_of(member)
    else:
        yield hint


@pytest.mark.parametrize("format_id", RECORD_TYPES)
def test_a_type_says_what_the_schema_of_the_page_says(format_id: str) -> None:
    assert list(differences(RECORD_TYPES[format_id], nodes_of(TABLE[format_id], "documented"))) == []


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (Box, nodes_of(TABLE["azure-is-record"], "documented").at(("label", 0))),
        (Literal[0, 1], Node(enum=(0, 1, False, True))),
        (Literal[0, 1, True, False], Node(enum=(0, 1))),
        (int, Node(types=("integer", "string"))),
        (list[float], Node(types=("array",), items=Node(types=("integer",)))),
        (str | list[int], Node(types=("string", "array"), items=Node(types=("string",)))),
        (ImageDetails, Node(types=("object",), properties={k: Node() for k in ("format", "width", "height")},
                            required=("format",))),
    ],
    ids=["keys", "too few values", "too many values", "one of two types", "items", "items beside else",
         "required"],
)  # fmt: skip
def test_a_type_that_says_something_else_is_seen(hint: Any, schema: Node) -> None:
    assert list(differences(hint, schema))


def test_the_type_of_what_a_row_holds_says_what_the_schema_says() -> None:
    for row in ((0,), (0, 0)):
        node = nodes_of(TABLE["azure-xai-request"], "documented").at(("input_data", "data", *row, INSIDE))
        assert node
        assert list(differences(XAIRow, node)) == []


def test_every_format_has_a_type() -> None:
    assert RECORD_TYPES.keys() == TABLE.keys()
    assert {type_.__name__ for type_ in RECORD_TYPES.values()} <= set(types.__all__)


@pytest.mark.parametrize("format_id", RECORD_TYPES)
@given(data=st.data())
def test_from_type_draws_real_records(format_id: str, data: st.DataObject) -> None:
    value = data.draw(st.from_type(RECORD_TYPES[format_id]))
    assert {finding.severity for finding in check_record(value, format_id)} <= {Severity.NOTE}


URL = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"


@given(st.from_type(Box), st.from_type(Outline), st.from_type(ImageDetails))
def test_from_type_draws_real_parts_of_records(box: Box, outline: Outline, details: ImageDetails) -> None:
    assert check_record({"image_url": URL, "label": [box]}, "azure-od-record") == ()
    assert check_record({"image_url": URL, "image_details": details, "label": [outline]}, "azure-is-record") == ()


@given(st.from_type(TruthLabel), st.from_type(PredictedLabel))
def test_from_type_draws_real_labels(given: TruthLabel, found: PredictedLabel) -> None:
    value = {"source-ref": "s3://foo/a.jpg", "content-moderation-groundtruth": {"ModerationLabels": [given]}}
    assert check_record(value, "rekognition-input-record") == ()
    response = {"ModerationLabels": [found], "ModerationModelVersion": "7.0"}
    assert check_record(response, "rekognition-moderation-response") == ()


@given(st.from_type(RequestTable), st.from_type(XAIRow), st.from_type(XAIParameters))
def test_from_type_draws_real_parts_of_requests(table: RequestTable, row: XAIRow, parameters: XAIParameters) -> None:
    assert check_record({"input_data": table}, "azure-scoring-request") == ()
    for parts in (row, XAIRow(image_base64=row["image_base64"], xai_parameters=parameters)):
        request = {"input_data": {"columns": ["image"], "data": [json.dumps(parts)]}}
        findings = check_record(request, "azure-xai-request")
        assert {finding.severity for finding in findings} <= {Severity.NOTE}


def test_from_type_shrinks_as_the_strategy_does() -> None:
    value: Any = find(st.from_type(AzureODRecord), lambda record: True, settings=settings(database=None))
    assert value == {"image_url": URL, "label": []}


@given(st.lists(st.from_type(AzureODRecord) | st.none(), max_size=2))
def test_from_type_is_a_strategy_like_any_other(values: list[AzureODRecord | None]) -> None:
    assert all(value is None or "image_url" in value for value in values)


def test_the_entry_point_names_the_function_that_registers() -> None:
    (entry,) = PYPROJECT["project"]["entry-points"]["hypothesis"].values()
    module, _, name = entry.partition(":")
    assert getattr(importlib.import_module(module), name) is register


def test_registering_makes_no_strategy_and_loads_nothing_more() -> None:
    before = loaded_by("import hypothesis.strategies, pytest_visionfmt")
    code = (
        "import hypothesis.strategies, sys; from pytest_visionfmt.from_type import register; register();"
        "print(*sorted(name for name in sys.modules if name.startswith('pytest_visionfmt')))"
    )
    after = loaded_by(code)
    assert not (after - before) & HEAVY
    assert after - before <= {"pytest_visionfmt"}
