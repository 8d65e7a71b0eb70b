"""The strategy of what goes to and fro: a request to an Azure AutoML endpoint and the response to it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.azure_requests import RequestArguments, draw_request
from pytest_visionfmt.draws.azure_responses import ResponseArguments, draw_response
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.azure_exchange import TASKS, response_format
from pytest_visionfmt.outputs.asking import asking_of
from pytest_visionfmt.schema_strategies import from_one_source
from pytest_visionfmt.strategies.arguments import (
    check_attribution_size,
    check_bounds,
    check_choice,
    check_choices,
    check_classes,
    check_profile,
    check_strategies,
)

__all__ = ["azure_exchange"]

_PLAIN, _XAI = "azure-scoring-request", "azure-xai-request"
# By what is wished: the format of the request, and whether it asks for explanations.
_KINDS: dict[bool | None, st.SearchStrategy[tuple[str, bool | None]]] = {
    None: st.sampled_from([(_PLAIN, None), (_XAI, False), (_XAI, True), (_XAI, True)]),
    False: st.sampled_from([(_PLAIN, None), (_XAI, False)]),
    True: st.just((_XAI, True)),
}


@lru_cache(maxsize=16)
def _among(names: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Return the strategy of some classes, the same one when asked again: what it is drawn with is compiled once."""
    return st.sampled_from(names)


@st.composite
def azure_exchange(
    draw: st.DrawFn,
    *,
    task: str,
    min_images: int = 1,
    max_images: int = 3,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    model_explainability: bool | None = None,
    classes: Sequence[Any] | None = None,
    labels: st.SearchStrategy[Any] | None = None,
    attribution_size: int | None = None,
    profile: Profile = "documented",
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a strategy for pairs of a request to an Azure AutoML endpoint and the response that fits it.

    * ``task`` is the service's name of what the model does: ``"image_classification"``,
      ``"image_classification_multilabel"``, ``"image_object_detection"`` or
      ``"image_instance_segmentation"``.
    * ``min_images`` and ``max_images`` bound how many images are asked about, at least one.
    * ``image_sizes`` draws pairs ``(width, height)`` in pixels; by default images have 1 to 768 pixels.
    * ``model_explainability`` says whether explanations are asked for: ``True``, ``False``, or ``None`` for
      either. Where they are not, the request may be one for scores alone.
    * ``classes`` are those of the dataset; by default one to six are drawn, and for objects any.
    * ``labels`` draws one class.
    * ``attribution_size`` is how many rows and columns of pixels an attribution has; by default one to eight.
    * ``profile`` says who must accept the two: the ``"documented"`` page and the service both, or the
      ``"reader"`` alone.

    A pair has no finding in ``check_exchange`` but notes: there is an item for each row of the request, with
    the explanations that it asks for, of the classes that score above its threshold. Pairs shrink to the request that
    ``azure_scoring_request`` shrinks to, and the response of the task's. Wrong or contradictory arguments raise
    ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Data schema for online scoring, and Data format for online scoring and explainability (XAI).
    """
    check_profile(profile)
    check_choice("task", task, TASKS)
    check_bounds("min_images", min_images, "max_images", max_images, least=1)
    check_strategies(image_sizes=image_sizes, labels=labels)
    check_choices(model_explainability=model_explainability)
    check_classes(classes, labels, profile)
    check_attribution_size(attribution_size)
    one = from_one_source(draw)
    kind, explained = draw(_KINDS[model_explainability])
    wishes = RequestArguments((min_images, max_images), image_sizes, model_explainability=explained)
    request = draw_request(one, named(kind), profile, wishes)
    asking = asking_of(request, all_decode=True)
    if asking is None:
        raise InvalidArgument(f"no response fits the request that was drawn: {request!r}")
    names = None if classes is None else tuple(sorted(classes))
    drawn = labels if names is None or "classification" in task else _among(names)
    arguments = ResponseArguments((asking.images,) * 2, None, names, drawn, attribution_size)
    format_ = named(response_format(request, task))
    return request, draw_response(
        one, format_, profile, arguments, lambda drawing: drawing.shared.update(asking.settled())
    )
