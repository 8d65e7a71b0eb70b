"""The edge cases of each family: what a schema cannot say about them."""

from __future__ import annotations

from pytest_visionfmt.edges import azure_requests, azure_training
from pytest_visionfmt.edges.families import Edges

__all__ = ["EDGES"]

EDGES: dict[str, Edges] = {**azure_training.EDGES, **azure_requests.EDGES}
"""What a family says of the edge cases of a format of the table, by the format's id."""
