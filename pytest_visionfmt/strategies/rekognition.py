"""The strategies of Amazon Rekognition's content moderation: manifests, evaluation, response."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pytest_visionfmt.draws.rekognition import (
    KINDS,
    ManifestArguments,
    draw_manifest_record,
    draw_response,
    truth_names,
)
from pytest_visionfmt.draws.rekognition_evaluation import (
    EvaluationArguments,
    draw_evaluation,
    evaluated_names,
)
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.moderation_counts import AGGREGATES
from pytest_visionfmt.formats.moderation_taxonomy import LATEST, TAXONOMIES
from pytest_visionfmt.strategies.arguments import (
    check_bounds,
    check_choice,
    check_enough_labels,
    check_profile,
    check_strategies,
)

__all__ = [
    "rekognition_evaluation",
    "rekognition_input_record",
    "rekognition_moderation_response",
    "rekognition_output_record",
]


def _drawn(draw: st.DrawFn, id_: str, profile: Profile, arguments: ManifestArguments) -> dict[str, Any]:
    """Check the arguments that both manifests share, and draw a record of the table's format."""
    check_profile(profile)
    check_choice("taxonomy", arguments.taxonomy, TAXONOMIES)
    check_bounds("min_labels", arguments.counts[0], "max_labels", arguments.counts[1])
    check_strategies(labels=arguments.labels, image_urls=arguments.image_urls)
    format_ = named(id_)
    if arguments.labels is None:
        names = truth_names(format_, profile, arguments.taxonomy)
        check_enough_labels(arguments.counts[0], len(names), arguments.taxonomy)
    return draw_manifest_record(draw, format_, profile, arguments)


@st.composite
def rekognition_input_record(
    draw: st.DrawFn,
    *,
    taxonomy: str = LATEST,
    min_labels: int = 0,
    max_labels: int = 4,
    labels: st.SearchStrategy[str] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for lines of an input manifest of custom moderation: an image and its labels.

    * ``taxonomy`` is the version whose top-level labels people gave, ``"7.0"`` or ``"6.1"``. Labels that
      are of 6.1 only have the warning VF508: they are no longer those of the current model.
    * ``min_labels`` and ``max_labels`` bound how many labels an image has; none is twice in a record.
    * ``labels`` draws one label; by default one of the taxonomy.
    * ``image_urls`` draws the image's S3 address. By default half of all images are in the bucket ``foo``;
      ``records`` puts those of one file into one bucket.
    * ``profile`` is taken as everywhere; for Rekognition both are the same.

    Some lines have another key at the top, which passes through. Records shrink to no label, then to
    one, ``"Explicit"``, and ``s3://foo/a.jpg``. Wrong or contradictory arguments raise
    ``InvalidArgument`` when first drawn from.
    Source: Amazon Rekognition Developer Guide, "Manifest file formats".
    """
    arguments = ManifestArguments(taxonomy, (min_labels, max_labels), labels, image_urls)
    return _drawn(draw, "rekognition-input-record", profile, arguments)


@st.composite
def rekognition_output_record(
    draw: st.DrawFn,
    *,
    kind: str | None = None,
    taxonomy: str = LATEST,
    min_labels: int = 0,
    max_labels: int = 4,
    labels: st.SearchStrategy[str] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for lines of an output manifest of custom moderation: an image, its labels, what models found.

    * ``kind`` is ``"training"`` for lines without predictions, ``"testing"`` for lines with both that of
      the adapter and that of the base model, ``None`` for either.
    * ``taxonomy`` is the version of the model, ``"7.0"`` or ``"6.1"``: that of the ground truth, and of
      the predictions. Ground truth that is of 6.1 only has the warning VF508.
    * ``min_labels`` and ``max_labels`` bound the labels of the ground truth; none is twice in a record.
    * ``labels`` draws one label of the ground truth, ``image_urls`` the image's S3 address.
    * ``profile`` is taken as everywhere; for Rekognition both are the same.

    Confidences are percent from 5 to 100, of single precision, and none is a multiple of 5, where an
    evaluation has its thresholds. All labels above a label found are there, each as sure as the surest
    below it. Levels and content types come with 7.0 only. Records shrink to a training line as
    ``rekognition_input_record`` has it. Wrong or contradictory arguments raise ``InvalidArgument`` when
    first drawn from.
    Source: Amazon Rekognition Developer Guide, "Manifest file formats".
    """
    if kind is not None:
        check_choice("kind", kind, KINDS)
    arguments = ManifestArguments(taxonomy, (min_labels, max_labels), labels, image_urls, kind)
    return _drawn(draw, "rekognition-output-record", profile, arguments)


@st.composite
def rekognition_evaluation(
    draw: st.DrawFn,
    *,
    taxonomy: str = LATEST,
    min_labels: int = 0,
    max_labels: int = 3,
    labels: st.SearchStrategy[str] | None = None,
    aggregate: str = AGGREGATES[0],
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for evaluation results of custom moderation: how often two models were right.

    * ``taxonomy`` is the version whose top-level labels the adapter was trained on, ``"7.0"`` or ``"6.1"``.
    * ``min_labels`` and ``max_labels`` bound how many labels there are.
    * ``labels`` draws one label; by default one of the taxonomy.
    * ``aggregate`` says what the counts over all labels are, which the page does not: ``"labels"`` for
      sums over the labels, ``"images"`` for counts of unsafe and safe images.
    * ``profile`` is taken as everywhere; for Rekognition both are the same.

    All counts are those of one set of images: for every label, model and threshold they add up to the
    testing images, and a higher threshold finds no more. Documents shrink to one label, one image, and
    nothing found. Wrong or contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: Amazon Rekognition Developer Guide, "Manifest file formats".
    """
    check_profile(profile)
    check_choice("taxonomy", taxonomy, TAXONOMIES)
    check_choice("aggregate", aggregate, AGGREGATES)
    check_bounds("min_labels", min_labels, "max_labels", max_labels)
    check_strategies(labels=labels)
    format_ = named("rekognition-evaluation")
    if labels is None:
        check_enough_labels(min_labels, len(evaluated_names(format_, profile, taxonomy)), taxonomy)
    return draw_evaluation(
        draw, format_, profile, EvaluationArguments(taxonomy, (min_labels, max_labels), labels, aggregate)
    )


@st.composite
def rekognition_moderation_response(
    draw: st.DrawFn, *, taxonomy: str = LATEST, profile: Profile = "documented"
) -> dict[str, Any]:
    """Return a strategy for answers of DetectModerationLabels: the labels that the model found in one image.

    * ``taxonomy`` is the version of the model, ``"7.0"`` or ``"6.1"``.
    * ``profile`` is taken as everywhere; for Rekognition both are the same.

    Confidences are percent from 0 to 100, of single precision. All labels above a label found are there,
    each as sure as the surest below it, root first or leaf first. Levels and content types come with 7.0
    only. Responses shrink to no label. A wrong argument raises ``InvalidArgument`` when first drawn from.
    Source: Amazon Rekognition API Reference, "DetectModerationLabels".
    """
    check_profile(profile)
    check_choice("taxonomy", taxonomy, TAXONOMIES)
    return draw_response(draw, named("rekognition-moderation-response"), profile, taxonomy)
