"""The request that a response is to answer: for how many images, and what it asks to be explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.formats.azure_asked import Asked, asked_of, number_of_rows, rows_without_image
from pytest_visionfmt.formats.azure_requests_rows import xai_defaults
from pytest_visionfmt.values import show

__all__ = ["Asking", "Request", "asking_of", "drawn_request"]

Request: TypeAlias = Mapping[str, Any] | st.SearchStrategy[Any]
"""A request to an endpoint, or a strategy of requests."""


class Asking(NamedTuple):
    """How many images a response answers for, what it explains, and of classes that score above what."""

    images: int
    asked: Asked
    threshold: float

    def settled(self) -> dict[str, Any]:
        """Return what the parts of a response must agree on."""
        return {"asked": self.asked, "threshold": self.threshold}


def asking_of(request: Any, *, all_decode: bool = False) -> Asking | None:
    """Return what a request asks for, None where the service cannot read it.

    An image that cannot be decoded gets no answer: the service leaves it out. ``all_decode`` says that there is none.
    """
    asked, rows = asked_of(request), number_of_rows(request)
    if asked is None or rows is None:
        return None
    default = xai_defaults()["confidence_score_threshold_multilabel"]
    threshold = default if asked.threshold is None else asked.threshold
    return Asking(rows if all_decode else rows - len(rows_without_image(request)), asked, threshold)


def drawn_request(draw: st.DrawFn, request: Request) -> Asking:
    """Return what a request asks for that is given or drawn."""
    value = draw(request) if isinstance(request, st.SearchStrategy) else request
    asking = asking_of(value)
    if asking is None:
        raise InvalidArgument(f"request={show(value)} is none that the service can read")
    return asking
