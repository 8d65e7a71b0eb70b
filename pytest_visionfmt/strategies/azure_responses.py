"""The strategies of Azure AutoML responses to images to classify: scores of classes, and explanations of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.azure_responses import ResponseArguments, draw_response
from pytest_visionfmt.draws.azure_scores import range_of
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.outputs.asking import Request, drawn_request
from pytest_visionfmt.outputs.classes import Question, scores_of_many, scores_of_one
from pytest_visionfmt.outputs.noise import Amount, Confusion, Noise, check_default, noise_of
from pytest_visionfmt.outputs.truth import Truth, classes_of, drawn_truth
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.strategies.arguments import (
    check_attribution_size,
    check_bounds,
    check_classes,
    check_profile,
    check_strategies,
    check_threshold,
)
from pytest_visionfmt.value_decoders import Drawing

__all__ = [
    "azure_multiclass_response",
    "azure_multiclass_xai_response",
    "azure_multilabel_response",
    "azure_multilabel_xai_response",
]

_IMAGES = (1, 4)
_THRESHOLD = 0.5
_RECORDS = {
    f"azure-{task}{explained}-response": f"azure-{task}-record"
    for task in ("multiclass", "multilabel")
    for explained in ("", "-xai")
}


class _Wanted(NamedTuple):
    """The arguments that classification responses share."""

    classes: Sequence[Any] | None
    images: tuple[int, int]
    labels: st.SearchStrategy[Any] | None
    ground_truth: Truth | None
    noise: Noise
    attribution_size: int | None = None
    threshold: float = _THRESHOLD
    request: Request | None = None


def _scored(draw: st.DrawFn, id_: str, profile: Profile, wanted: _Wanted) -> list[dict[str, Any]]:
    """Check the arguments that all classification responses share, and draw one of the table's format."""
    check_profile(profile)
    check_bounds("min_images", wanted.images[0], "max_images", wanted.images[1])
    check_strategies(labels=wanted.labels)
    check_classes(wanted.classes, wanted.labels, profile)
    check_attribution_size(wanted.attribution_size)
    check_threshold(wanted.threshold)
    format_, images = named(id_), wanted.images
    names = None if wanted.classes is None else tuple(sorted(wanted.classes))
    settled: dict[str, Any] = {}
    if wanted.request is not None:
        asking = drawn_request(draw, wanted.request)
        check_default("says what request says", threshold=(wanted.threshold, _THRESHOLD))
        images = _as_many(asking.images, images, "request")
        settled = asking.settled()
    if wanted.ground_truth is None:
        arguments = ResponseArguments(images, None, names, wanted.labels, wanted.attribution_size, wanted.threshold)
        return draw_response(draw, format_, profile, arguments, lambda drawing: drawing.shared.update(settled))
    question = _question(draw, format_, profile, wanted, settled.get("threshold", wanted.threshold))
    number = len(question.truth)
    if wanted.request is not None and images != (number, number):
        raise InvalidArgument(f"ground_truth has {number} records, and request asks about {images[0]} images")
    images = _as_many(number, images, "ground_truth")
    scores = scores_of_one if "multiclass" in id_ else scores_of_many

    def settle(drawing: Drawing) -> None:
        drawing.shared.update(settled, classes=question.classes)
        drawing.shared["answers"] = iter(scores(question, wanted.noise, drawing))

    arguments = ResponseArguments(images, None, None, None, wanted.attribution_size, question.threshold, answered=True)
    return draw_response(draw, format_, profile, arguments, settle)


def _as_many(number: int, images: tuple[int, int], by: str) -> tuple[int, int]:
    """Take no other number of images than there are to answer for."""
    if images not in (_IMAGES, (number, number)):
        bounds = f"min_images={images[0]} and max_images={images[1]}"
        raise InvalidArgument(f"{bounds} are beside {by}, which has {number} images to answer for")
    return number, number


def _question(draw: st.DrawFn, format_: Format, profile: Profile, wanted: _Wanted, threshold: float) -> Question:
    """Read the ground truth: records of the same task."""
    assert wanted.ground_truth is not None
    check_default(
        "says which classes there are, and so does ground_truth; classes= gives others", labels=(wanted.labels, None)
    )
    images = drawn_truth(draw, wanted.ground_truth, named(_RECORDS[format_.id]))
    item = nodes_of(format_, profile).items or Node()
    label = (item.properties.get("labels", Node()).items) or Node()
    found = classes_of(images, wanted.noise.confusion, label, profile)
    if wanted.classes is not None:
        for label_ in found:
            if label_ not in wanted.classes:
                raise InvalidArgument(
                    f"ground_truth has the class {label_!r}, which is none of classes={wanted.classes!r}"
                )
        found = tuple(sorted(wanted.classes))
    scores = range_of(item.properties.get("probs", Node()).items or Node())
    return Question([[one.label for one in image.objects] for image in images], found or ("a",), scores, threshold)


@st.composite
def azure_multiclass_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    ground_truth: Truth | None = None,
    confusion: Confusion = 0,
    ties: Amount = 0,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of image classification, one class an image.

    * ``classes`` are those of the dataset; by default one to six are drawn.
    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``ground_truth`` is a list of ``azure-multiclass-record`` values, or a strategy of such lists: the
      response has an item for each, in order, and its class has the highest score. ``classes`` are then
      by default those of the records.
    * ``confusion`` is of how many images another class has the highest score, a number or a pair of bounds;
      or a mapping of classes to those that they are taken for.
    * ``ties`` is of how many images a further class has the very same score as the highest.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: integer classes, and the keys that it
      had until June 2023.

    Every item has the same classes, sorted, and a score in [0, 1] for each; those of an item sum to 1.
    Responses shrink to one item, of the one class ``"a"`` with the score 1; with ``ground_truth``, to
    scores of 1 and 0 and the least confusion. Wrong or contradictory arguments raise ``InvalidArgument``
    when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Image classification.
    """
    noise = noise_of(ground_truth, confusion=confusion, ties=ties)
    wanted = _Wanted(classes, (min_images, max_images), labels, ground_truth, noise)
    return _scored(draw, "azure-multiclass-response", profile, wanted)


@st.composite
def azure_multilabel_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    ground_truth: Truth | None = None,
    threshold: float = _THRESHOLD,
    misses: Amount = 0,
    extras: Amount = 0,
    confusion: Confusion = 0,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of image classification, several classes an image.

    * ``classes`` are those of the dataset; by default one to six are drawn.
    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``ground_truth`` is a list of ``azure-multilabel-record`` values, or a strategy of such lists: the
      response has an item for each, in order; its classes score above ``threshold`` and all others below.
      ``classes`` are then by default those of the records.
    * ``misses`` is how many classes of the records score below ``threshold``, in all images together: a
      number or a pair of bounds.
    * ``extras`` is how many other classes score above it.
    * ``confusion`` is how many classes of the records score below while another of the same image, not in
      its record, scores above; or a mapping of classes to those that they are taken for.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: integer classes, and the keys that it
      had until June 2023.

    Every item has the same classes, sorted, and a score in [0, 1] for each, independent of the others.
    Responses shrink to one item, of the one class ``"a"`` with the score 0; with ``ground_truth``, to
    scores of 1 and 0 and the least noise. Wrong or contradictory arguments raise ``InvalidArgument`` when
    first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Image classification (multi-label).
    """
    noise = noise_of(ground_truth, misses=misses, extras=extras, confusion=confusion)
    if ground_truth is None:
        check_default("is between the scores of ground_truth, which is not given", threshold=(threshold, _THRESHOLD))
    wanted = _Wanted(classes, (min_images, max_images), labels, ground_truth, noise, None, threshold)
    return _scored(draw, "azure-multilabel-response", profile, wanted)


@st.composite
def azure_multiclass_xai_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    attribution_size: int | None = None,
    request: Request | None = None,
    ground_truth: Truth | None = None,
    confusion: Confusion = 0,
    ties: Amount = 0,
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML multiclass responses that explain the class of the highest score.

    * ``classes`` are those of the dataset; by default one to six are drawn.
    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``attribution_size`` is how many rows and columns of pixels an attribution has; by default one to
      eight. Those of the service have 224, if the request says nothing else.
    * ``request`` is the request to answer, or a strategy of requests: there is an item for each of its
      images, with the explanations that it asks for.
    * ``ground_truth``, ``confusion`` and ``ties`` are those of ``azure_multiclass_response``.
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
    noise = noise_of(ground_truth, confusion=confusion, ties=ties)
    images = (min_images, max_images)
    wanted = _Wanted(classes, images, labels, ground_truth, noise, attribution_size, request=request)
    return _scored(draw, "azure-multiclass-xai-response", profile, wanted)


@st.composite
def azure_multilabel_xai_response(
    draw: st.DrawFn,
    *,
    classes: Sequence[Any] | None = None,
    min_images: int = 1,
    max_images: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    attribution_size: int | None = None,
    threshold: float = _THRESHOLD,
    request: Request | None = None,
    ground_truth: Truth | None = None,
    misses: Amount = 0,
    extras: Amount = 0,
    confusion: Confusion = 0,
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
    * ``request`` is the request to answer, or a strategy of requests: there is an item for each of its
      images, with the explanations that it asks for, of the classes that score above its threshold.
    * ``ground_truth``, ``misses``, ``extras`` and ``confusion`` are those of ``azure_multilabel_response``.
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
    noise = noise_of(ground_truth, misses=misses, extras=extras, confusion=confusion)
    images = (min_images, max_images)
    wanted = _Wanted(classes, images, labels, ground_truth, noise, attribution_size, threshold, request)
    return _scored(draw, "azure-multilabel-xai-response", profile, wanted)
