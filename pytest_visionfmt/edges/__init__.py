"""The edge cases of each family: what a schema cannot say about them."""

from __future__ import annotations

from pytest_visionfmt.edges import azure_requests, azure_responses, azure_training, rekognition, rekognition_evaluation
from pytest_visionfmt.edges.families import Edges

__all__ = ["EDGES"]

EDGES: dict[str, Edges] = {
    **azure_training.EDGES,
    **azure_requests.EDGES,
    **azure_responses.EDGES,
    **rekognition.EDGES,
    **rekognition_evaluation.EDGES,
}
"""What a family says of the edge cases of a format of the table, by the format's id."""
