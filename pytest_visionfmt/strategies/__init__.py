"""The public strategies: one for every documented format, and ``record`` for any."""

from __future__ import annotations

from pytest_visionfmt.strategies.any_format import record
from pytest_visionfmt.strategies.azure_detections import azure_is_response, azure_od_response
from pytest_visionfmt.strategies.azure_requests import azure_scoring_request, azure_xai_request
from pytest_visionfmt.strategies.azure_responses import (
    azure_multiclass_response,
    azure_multiclass_xai_response,
    azure_multilabel_response,
    azure_multilabel_xai_response,
)
from pytest_visionfmt.strategies.azure_training import (
    azure_is_record,
    azure_multiclass_record,
    azure_multilabel_record,
    azure_od_record,
)
from pytest_visionfmt.strategies.exchanges import azure_exchange
from pytest_visionfmt.strategies.rekognition import (
    rekognition_evaluation,
    rekognition_input_record,
    rekognition_moderation_response,
    rekognition_output_record,
)

__all__ = [
    "azure_exchange",
    "azure_is_record",
    "azure_is_response",
    "azure_multiclass_record",
    "azure_multiclass_response",
    "azure_multiclass_xai_response",
    "azure_multilabel_record",
    "azure_multilabel_response",
    "azure_multilabel_xai_response",
    "azure_od_record",
    "azure_od_response",
    "azure_scoring_request",
    "azure_xai_request",
    "record",
    "rekognition_evaluation",
    "rekognition_input_record",
    "rekognition_moderation_response",
    "rekognition_output_record",
]
