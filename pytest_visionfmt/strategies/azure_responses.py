"""The strategies of Azure AutoML responses: what an endpoint answers, for each task, and with explanations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from pytest_visionfmt.draws.azure_responses import ResponseArguments, draw_response
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.strategies.arguments import (
    check_attribution_size,
    check_bounds,
    check_classes,
    check_profile,
    check_strategies,
    check_threshold,
)

__all__ = [
    "azure_is_response",
    "azure_multiclass_response",
    "azure_multiclass_xai_response",
    "azure_multilabel_response",
    "azure_multilabel_xai_response",
    "azure_od_response",
]


def _scored(
    draw: st.DrawFn,
    id_: str,
    images: tuple[int, int],
    classes: Sequence[Any] | None,
    labels: st.SearchStrategy[Any] | None,
    profile: Profile,
    attribution_size: int | None = None,
    threshold: float = 0.5,
) -> list[dict[str, Any]]:
    """Check the arguments that all classification responses share, and draw one of the table's format."""
    check_profile(profile)
    check_bounds("min_images", images[0], "max_images", images[1])
    check_strategies(labels=labels)
    check_classes(classes, labels, profile)
    check_attribution_size(attribution_size)
    check_threshold(threshold)
    names = None if classes is None else tuple(sorted(classes))
    arguments = ResponseArguments(images, None, names, labels, attribution_size, threshold)
    return draw_response(draw, named(id_), profile, arguments)


def _detected(
    draw: st.DrawFn,
    id_: str,
    images: tuple[int, int],
    objects: tuple[int, int],
    labels: st.SearchStrategy[Any] | None,
    profile: Profile,
) -> list[dict[str, Any]]:
    """Check the arguments that detection and segmentation share, and draw a response of the table's format."""
    check_profile(profile)
    check_bounds("min_images", images[0], "max_images", images[1])
    check_bounds("min_objects", objects[0], "max_objects", objects[1])
    check_strategies(labels=labels)
    return draw_response(draw, named(id_), profile, ResponseArguments(images, objects, labels=labels))


@st.composite
def azure_multiclass_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of image classification, one class an image.

    * ``classes`` are those of the dataset; by default one to six are drawn.
    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: integer classes, and the keys that it
      had until June 2023.

    Every item has the same classes, sorted, and a score in [0, 1] for each; those of an item sum to 1.
    Responses shrink to one item, of the one class ``"a"`` with the score 1. Wrong or contradictory
    arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Image classification.
    """
    return _scored(draw, "azure-multiclass-response", (min_images, max_images), classes, labels, profile)


@st.composite
def azure_multilabel_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of image classification, several classes an image.

    * ``classes`` are those of the dataset; by default one to six are drawn.
    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: integer classes, and the keys that it
      had until June 2023.

    Every item has the same classes, sorted, and a score in [0, 1] for each, independent of the others.
    Responses shrink to one item, of the one class ``"a"`` with the score 0. Wrong or contradictory
    arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Image classification (multi-label).
    """
    return _scored(draw, "azure-multilabel-response", (min_images, max_images), classes, labels, profile)


@st.composite
def azure_od_response(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 4,
    min_objects: int = 0,
    max_objects: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of object detection: the boxes of each image.

    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``min_objects`` and ``max_objects`` bound how many boxes an image has.
    * ``labels`` draws the class of a box; by default any string, among them those that trip parsers.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: boxes up to 0.01 outside the image,
      integer classes, and the keys that it had until June 2023.

    Coordinates are ratios of the image's width and height, in [0, 1]; ``topX < bottomX`` and
    ``topY < bottomY``. Scores are in [0, 1]. Responses shrink to one image without a box, then to one
    box, labelled ``"a"``, at 0, 0, 1, 1 with the score 0. Wrong or contradictory arguments raise
    ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Object detection.
    """
    images, objects = (min_images, max_images), (min_objects, max_objects)
    return _detected(draw, "azure-od-response", images, objects, labels, profile)


@st.composite
def azure_is_response(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 4,
    min_objects: int = 0,
    max_objects: int = 3,
    labels: st.SearchStrategy[Any] | None = None,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of instance segmentation: boxes and outlines.

    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``min_objects`` and ``max_objects`` bound how many objects an image has.
    * ``labels`` draws the class of an object; by default any string, among them those that trip parsers.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: an empty outline, contours of one and
      two points, boxes up to 0.01 outside the image, integer classes, and the keys that it had until
      June 2023.

    An outline is one or more contours ``x1, y1, x2, y2, ...`` of at least three points, as ratios of the
    image's width and height in [0, 1]; all points together span an area. It need not lie in its box: on
    the page it does not. Scores are in [0, 1]. Responses shrink to one image without an object, then to
    one object, labelled ``"a"``, with the box 0, 0, 1, 1, the triangle 0, 0, 1, 0, 1, 1 and the score 0.
    Wrong or contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Instance segmentation.
    """
    images, objects = (min_images, max_images), (min_objects, max_objects)
    return _detected(draw, "azure-is-response", images, objects, labels, profile)


@st.composite
def azure_multiclass_xai_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    attribution_size: int | None = None,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML multiclass responses that explain the class of the highest score.

    * ``classes`` are those of the dataset; by default one to six are drawn.
    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``attribution_size`` is how many rows and columns of pixels an attribution has; by default one to
      eight. Those of the service have 224, if the request says nothing else.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: null under what was not asked for,
      integer classes, and a ``filename``.

    Scores are as in ``azure_multiclass_response``. All items have the same keys of explanations, one,
    both or none: ``visualizations`` is a real PNG in base64, ``attributions`` three channels of rows of
    numbers. Responses shrink to one item without them, of the one class ``"a"`` with the score 1. Wrong
    or contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format (XAI), Image classification.
    """
    images = (min_images, max_images)
    return _scored(draw, "azure-multiclass-xai-response", images, classes, labels, profile, attribution_size)


@st.composite
def azure_multilabel_xai_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    attribution_size: int | None = None,
    threshold: float = 0.5,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML multilabel responses that explain the classes over a threshold.

    * ``classes`` are those of the dataset; by default one to six are drawn.
    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``attribution_size`` is how many rows and columns of pixels an attribution has; by default one to
      eight. Those of the service have 224, if the request says nothing else.
    * ``threshold`` is the ``confidence_score_threshold_multilabel`` of the request. No score is the
      threshold itself: there the page and the service differ.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: a list of null under what was not asked
      for, integer classes, and a ``filename``.

    Scores are as in ``azure_multilabel_response``. All items have the same keys of explanations, one,
    both or none, each a list with one explanation for every class that scores above the threshold, in
    the order of ``labels``: real PNGs in base64, and attributions of three channels. Where no class
    does, null or an empty list stands there. Responses shrink to one item without them, of the one
    class ``"a"`` with the score 0. Wrong or contradictory arguments raise ``InvalidArgument`` when first
    drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format (XAI), Image classification (multi-label).
    """
    images = (min_images, max_images)
    id_ = "azure-multilabel-xai-response"
    return _scored(draw, id_, images, classes, labels, profile, attribution_size, threshold)
