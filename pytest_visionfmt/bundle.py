"""The strategy of the files of one training job of custom moderation, which agree, and how they are written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from pytest_visionfmt.dataset_files import json_line, write_folder
from pytest_visionfmt.draws.rekognition import ManifestArguments, truth_names
from pytest_visionfmt.draws.rekognition_bundle import LEAST_IMAGES, draw_bundle
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

__all__ = ["BundleFiles", "ModerationBundle", "moderation_bundle"]


class BundleFiles(NamedTuple):
    """Where the files of a bundle are: ``check_bundle(**files._asdict())`` checks them."""

    input: Path
    training_output: Path
    testing_output: Path
    evaluation: Path


_NAMES = ("input.manifest", "training-output.manifest", "testing-output.manifest", "evaluation.json")


@dataclass(frozen=True)
class ModerationBundle:
    """The files of one training job: the lines of three manifests, and the evaluation."""

    input: list[dict[str, Any]]
    training_output: list[dict[str, Any]]
    testing_output: list[dict[str, Any]]
    evaluation: dict[str, Any]

    def write(self, root: str | PathLike[str], *, exist_ok: bool = False) -> BundleFiles:
        """Write the four files to a folder and return where they are.

        ``exist_ok`` allows a folder that is not empty, and replaces the files in it that have the same names. A
        folder that was not there appears when all is written. Raises ``FileExistsError`` where ``root`` is not
        empty; nothing is left behind then.
        """
        manifests = (self.input, self.training_output, self.testing_output)
        contents = [b"".join(map(json_line, records)) for records in manifests]
        contents.append(json.dumps(self.evaluation, indent=2, ensure_ascii=False).encode() + b"\n")
        write_folder(root, {}, None, dict(zip(_NAMES, contents, strict=True)), exist_ok=exist_ok)
        return BundleFiles(*(Path(root, name) for name in _NAMES))


@st.composite
def moderation_bundle(
    draw: st.DrawFn,
    *,
    taxonomy: str = LATEST,
    min_images: int = LEAST_IMAGES,
    max_images: int = 8,
    min_labels: int = 0,
    max_labels: int = 4,
    labels: st.SearchStrategy[str] | None = None,
    aggregate: str = AGGREGATES[0],
    profile: Profile = "documented",
) -> ModerationBundle:
    """Return a strategy for the files of one training job of custom moderation, which agree with each other.

    * ``taxonomy`` is the version of the model, ``"7.0"`` or ``"6.1"``: that of the ground truth, and of the
      predictions. Ground truth that is of 6.1 only has the warning VF508.
    * ``min_images`` and ``max_images`` bound the lines of the input, at least 2: one to train with, one to test.
    * ``min_labels`` and ``max_labels`` bound the labels of one image, and ``labels`` draws one, as in
      ``rekognition_output_record``.
    * ``aggregate`` says what the counts over all labels are: ``"labels"`` for their sums, ``"images"`` for counts
      of images that have any of the labels, and of those where any was found.
    * ``profile`` is taken as everywhere; for Rekognition both are the same.

    The labels of the evaluation are those of the images trained with, and its counts are those of the predictions:
    a label is found where its confidence is at least the threshold. The input threshold is at least 5, below which
    the predictions hold nothing. Of the F1 score the page says only its name. Here it is the mean of the F1 scores of
    the adapter's labels at the input threshold, all of the same weight, 0 where a label has no positive at all.
    Bundles shrink to one image to train with and one to test, no label, and nothing found. Wrong or contradictory
    arguments raise ``InvalidArgument`` when first drawn from.
    Source: Amazon Rekognition Developer Guide, "Manifest file formats".
    """
    check_profile(profile)
    check_choice("taxonomy", taxonomy, TAXONOMIES)
    check_choice("aggregate", aggregate, AGGREGATES)
    check_bounds("min_images", min_images, "max_images", max_images, least=LEAST_IMAGES)
    check_bounds("min_labels", min_labels, "max_labels", max_labels)
    check_strategies(labels=labels)
    if labels is None:
        names = truth_names(named("rekognition-output-record"), profile, taxonomy)
        check_enough_labels(min_labels, len(names), taxonomy)
    arguments = ManifestArguments(taxonomy, (min_labels, max_labels), labels, sees_truth=True)
    return ModerationBundle(*draw_bundle(draw, profile, arguments, (min_images, max_images), aggregate))
