"""How the records of each family are drawn and broken: what a schema cannot say about either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_visionfmt.breaches import Breaches
from pytest_visionfmt.draws.azure_requests import draw_request
from pytest_visionfmt.draws.azure_requests_breaches import request_breaches
from pytest_visionfmt.draws.azure_responses import draw_response
from pytest_visionfmt.draws.azure_responses_breaches import response_breaches
from pytest_visionfmt.draws.azure_training import draw_training_record
from pytest_visionfmt.draws.azure_training_breaches import training_breaches
from pytest_visionfmt.draws.rekognition import draw_manifest_record
from pytest_visionfmt.draws.rekognition import draw_response as draw_moderation_response
from pytest_visionfmt.draws.rekognition_breaches import moderation_breaches
from pytest_visionfmt.draws.rekognition_evaluation import draw_evaluation
from pytest_visionfmt.draws.rekognition_evaluation_breaches import evaluation_breaches
from pytest_visionfmt.formats import azure_requests, azure_responses, azure_training

__all__ = ["BREACHES", "DRAWS"]

DRAWS: dict[str, Callable[..., Any]] = {
    **{format_.id: draw_training_record for format_ in azure_training.FORMATS},
    **{format_.id: draw_request for format_ in azure_requests.FORMATS},
    **{format_.id: draw_response for format_ in azure_responses.FORMATS},
    "rekognition-input-record": draw_manifest_record,
    "rekognition-output-record": draw_manifest_record,
    "rekognition-evaluation": draw_evaluation,
    "rekognition-moderation-response": draw_moderation_response,
}
"""The function that draws a record of a format of the table, by the format's id."""

BREACHES: dict[str, Callable[..., Breaches]] = {
    **{format_.id: training_breaches for format_ in azure_training.FORMATS},
    **{format_.id: request_breaches for format_ in azure_requests.FORMATS},
    **{format_.id: response_breaches for format_ in azure_responses.FORMATS},
    "rekognition-input-record": moderation_breaches,
    "rekognition-output-record": moderation_breaches,
    "rekognition-evaluation": evaluation_breaches,
    "rekognition-moderation-response": moderation_breaches,
}
"""The function that returns the breaches of a format of the table, by the format's id."""
