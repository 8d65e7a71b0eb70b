"""What a user writes, as strict type checkers must accept it; it runs as well.

mypy reads this file with the rest of the tests.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_visionfmt import (
    EdgeCase,
    EdgeFile,
    Finding,
    Format,
    Report,
    Severity,
    assert_valid,
    azure_exchange,
    azure_is_record,
    azure_multiclass_record,
    azure_multilabel_record,
    azure_multilabel_xai_response,
    azure_od_record,
    azure_od_response,
    azure_xai_request,
    check_bytes,
    check_record,
    edge_cases,
    edge_files,
    jsonl,
    named,
    record,
    records,
)
from pytest_visionfmt.types import (
    AzureISRecord,
    AzureMulticlassRecord,
    AzureMultilabelRecord,
    AzureODRecord,
    AzureScoringRequest,
    AzureXAIRequest,
    Box,
    ImageDetails,
    Outline,
    XAIRow,
)


def area(box: Box) -> float:
    return (box["bottomX"] - box["topX"]) * (box["bottomY"] - box["topY"])


def classes_of(record: AzureODRecord | AzureISRecord) -> set[str]:
    return {item["label"] for item in record["label"]}


def width_of(details: ImageDetails) -> int | None:
    width = details.get("width")
    return int(width.removesuffix("px")) if isinstance(width, str) else width


@given(azure_od_record(min_objects=1, labels=st.sampled_from(["cat", "dog"])))
def test_a_strategy_draws_what_a_type_says(record: AzureODRecord) -> None:
    assert all(0 <= area(box) <= 1 for box in record["label"])
    assert classes_of(record) <= {"cat", "dog"}
    if "image_details" in record:
        width_of(record["image_details"])


@given(st.from_type(AzureMulticlassRecord), azure_multiclass_record(profile="reader"))
def test_a_type_may_be_named_where_a_strategy_is_wanted(record: AzureMulticlassRecord, other: dict[str, Any]) -> None:
    assert isinstance(record["label"], str)
    assert "label" in other


def rows_of(request: AzureScoringRequest | AzureXAIRequest) -> list[str]:
    return [row if isinstance(row, str) else row[0] for row in request["input_data"]["data"]]


@given(st.from_type(AzureScoringRequest), azure_xai_request(image_sizes=st.just((2, 2)), nested=True))
def test_requests_have_types(scoring: AzureScoringRequest, explained: AzureXAIRequest) -> None:
    assert all(rows_of(scoring))
    wishes: list[XAIRow] = [json.loads(row) for row in rows_of(explained)]
    assert {wish.get("model_explainability", False) for wish in wishes} <= {True, False}


@given(azure_exchange(task="image_classification"), st.data())
def test_answers_have_types(pair: tuple[dict[str, Any], list[dict[str, Any]]], data: st.DataObject) -> None:
    request, response = pair
    assert len(request["input_data"]["data"]) == len(response)
    truth: list[AzureODRecord] = data.draw(st.lists(st.from_type(AzureODRecord), max_size=2))
    noisy = azure_od_response(ground_truth=truth, jitter=(0, 0.5), misses=(0, 2), confusion={"can": "cup"})
    assert len(data.draw(noisy)) == len(truth)
    asked = data.draw(st.from_type(AzureXAIRequest))
    assert data.draw(azure_multilabel_xai_response(request=asked, ground_truth=None))


def test_a_record_may_be_written_by_hand() -> None:
    outline: Outline = {"label": "can", "isCrowd": 0, "polygon": [[0.1, 0.1, 0.5, 0.1, 0.5, 0.5]]}
    url = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"
    segmented: AzureISRecord = {
        "image_url": url,
        "image_details": {"format": "jpg", "width": "400px"},
        "label": [outline],
    }
    labelled: AzureMultilabelRecord = {"image_url": url, "label": ["cat", "dog"]}
    assert_valid(segmented, "azure-is-record", strict=True)
    assert_valid(labelled, named("azure-multilabel-record"))
    findings: tuple[Finding, ...] = check_record({**labelled, "label": "cat"}, "azure-multilabel-record")
    assert [finding.severity for finding in findings] == [Severity.ERROR]


@pytest.mark.parametrize("case", edge_cases("azure-od-record"), ids=str)
def test_edge_cases_have_types(case: EdgeCase) -> None:
    value: AzureODRecord = case.value
    assert isinstance(classes_of(value), set)
    assert case.why


@pytest.mark.parametrize("file", edge_files("azure-od-record"), ids=str)
def test_edge_files_have_types(file: EdgeFile) -> None:
    report: Report = check_bytes(file.value, "azure-od-record")
    assert not report.failed(strict=True)


def strategies_of(format_: Format) -> tuple[SearchStrategy[Any], SearchStrategy[list[Any]], SearchStrategy[bytes]]:
    return record(format_), records(format_, max_size=3), jsonl(format_.id, profile="reader")


@given(st.data())
def test_whole_files_have_types(data: st.DataObject) -> None:
    one, several, content = strategies_of(named("azure-is-record"))
    assert json.dumps(data.draw(one))
    assert len(data.draw(several)) <= 3
    assert data.draw(content).endswith(b"\n")


@given(azure_multilabel_record(max_labels=2), azure_is_record(max_objects=1))
def test_sizes_are_bounded(labelled: AzureMultilabelRecord, segmented: AzureISRecord) -> None:
    assert len(labelled["label"]) <= 2
    assert len(segmented["label"]) <= 1
