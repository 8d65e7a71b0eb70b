"""What Hypothesis loads when it is imported: ``st.from_type`` of our types draws real records.

It runs in every process that imports Hypothesis, so it makes no strategy yet: each is made when its type
is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_visionfmt.types import (
    RECORD_TYPES,
    Box,
    ImageDetails,
    Outline,
    PredictedLabel,
    RequestTable,
    TruthLabel,
    XAIParameters,
    XAIRow,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["register"]


def register() -> None:
    """Tell Hypothesis how each type of ``pytest_visionfmt.types`` is drawn."""
    from hypothesis import strategies as st

    for format_id, type_ in RECORD_TYPES.items():
        st.register_type_strategy(type_, _records(format_id))
    st.register_type_strategy(Box, lambda _: _object_of("azure-od-record"))
    st.register_type_strategy(Outline, lambda _: _object_of("azure-is-record"))
    st.register_type_strategy(ImageDetails, lambda _: _image_details())
    st.register_type_strategy(TruthLabel, lambda _: _truth_label())
    st.register_type_strategy(PredictedLabel, lambda _: _predicted_label())
    st.register_type_strategy(RequestTable, lambda _: _records("azure-scoring-request")(_).map(_table_of))
    st.register_type_strategy(XAIRow, lambda _: _xai_row())
    st.register_type_strategy(XAIParameters, lambda _: _xai_row().map(lambda row: row.get("xai_parameters", {})))


def _records(format_id: str) -> Callable[[Any], SearchStrategy[Any]]:
    def strategy(_: Any) -> SearchStrategy[Any]:
        from pytest_visionfmt.strategies import record

        return record(format_id)

    return strategy


def _object_of(format_id: str) -> SearchStrategy[Any]:
    """Draw the one object of a record that has one."""
    from pytest_visionfmt import strategies

    make: Callable[..., SearchStrategy[Any]] = getattr(strategies, format_id.replace("-", "_"))
    return make(min_objects=1, max_objects=1).map(lambda record: record["label"][0])


def _image_details() -> SearchStrategy[Any]:
    """Draw image details; those of a record that has none are empty, since every key is optional."""
    from pytest_visionfmt.strategies import azure_multiclass_record

    return azure_multiclass_record().map(lambda record: record.get("image_details", {}))


def _truth_label() -> SearchStrategy[Any]:
    """Draw the one label of an image that has one."""
    from pytest_visionfmt.strategies import rekognition_input_record

    one = rekognition_input_record(min_labels=1, max_labels=1)
    return one.map(lambda record: record["content-moderation-groundtruth"]["ModerationLabels"][0])


def _predicted_label() -> SearchStrategy[Any]:
    """Draw a top-level label that a model found, which stands alone; where it found none, a plain one."""
    from pytest_visionfmt.strategies import rekognition_moderation_response

    plain = {"Confidence": 99.5, "Name": "Explicit", "ParentName": ""}
    return rekognition_moderation_response().map(
        lambda response: next((label for label in response["ModerationLabels"] if not label["ParentName"]), {**plain})
    )


def _table_of(request: Any) -> Any:
    return request["input_data"]


def _xai_row() -> SearchStrategy[Any]:
    """Draw what is to be explained of one image."""
    from pytest_visionfmt.strategies import azure_xai_request

    requests = azure_xai_request(max_images=1, nested=False)
    return requests.map(lambda request: json.loads(request["input_data"]["data"][0]))
