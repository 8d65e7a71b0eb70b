"""Drawing the files of a training job together: images, what two models found on them, and what that counts to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.draws.rekognition import KINDS, ManifestArguments, draw_manifest_record
from pytest_visionfmt.draws.rekognition_evaluation import (
    EvaluationArguments,
    builds_of,
    evaluation_decoder,
    results_by,
)
from pytest_visionfmt.draws.rekognition_files import put_in_one_bucket
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.moderation_counts import Counts, Recount
from pytest_visionfmt.formats.rekognition_cells import ALL, IMAGES, INPUT, LABELS, MODELS
from pytest_visionfmt.formats.rekognition_job import found_in, lowest_confidence, names_in
from pytest_visionfmt.formats.rekognition_job_rules import PROJECT_VERSION, TRAINING_IMAGES
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.schema_strategies import decode_record
from pytest_visionfmt.values import fresh

__all__ = ["LEAST_IMAGES", "Drawn", "draw_bundle"]

LEAST_IMAGES = len(KINDS)
"""One image for each output: a manifest without a record is no valid one."""

_F1 = ("AggregatedEvaluationResults", "F1Score")
_MODERATION, _INPUT_RESULTS = INPUT
_THRESHOLD = (*INPUT, "ConfidenceThreshold")

_Records: TypeAlias = list[dict[str, Any]]


class Drawn(NamedTuple):
    """The four files, as values."""

    input: _Records
    training_output: _Records
    testing_output: _Records
    evaluation: dict[str, Any]


@st.composite
def _output_record(draw: st.DrawFn, format_: Format, profile: Profile, arguments: ManifestArguments) -> dict[str, Any]:
    return draw_manifest_record(draw, format_, profile, arguments)


def draw_bundle(
    draw: st.DrawFn, profile: Profile, arguments: ManifestArguments, images: tuple[int, int], aggregate: str
) -> Drawn:
    """Draw the files of one training job; ``images`` bounds how many the input has."""
    output = named("rekognition-output-record")
    records = [draw_manifest_record(draw, output, profile, arguments._replace(kind=kind)) for kind in KINDS]
    least, most = (bound - LEAST_IMAGES for bound in images)
    records += draw(st.lists(_output_record(output, profile, arguments), min_size=least, max_size=most))
    put_in_one_bucket(records, output, profile)
    tested = [record for record in records if ADAPTER in record]
    trained = [record for record in records if ADAPTER not in record]
    evaluation = _evaluation(draw, profile, trained, tested, aggregate)
    for record in tested:
        record[ADAPTER]["ProjectVersion"] = value_at(evaluation, PROJECT_VERSION)
    given = [{key: value for key, value in record.items() if key not in (ADAPTER, BASE_MODEL)} for record in records]
    return Drawn(fresh(given), trained, tested, evaluation)


def _evaluation(
    draw: st.DrawFn, profile: Profile, trained: _Records, tested: _Records, aggregate: str
) -> dict[str, Any]:
    """Draw an evaluation of no labels, and have it speak of these images."""
    format_ = named("rekognition-evaluation")
    evaluation: dict[str, Any] = decode_record(
        evaluation_decoder(format_, profile, EvaluationArguments(counts=(0, 0))), draw
    )
    grid, build_one, build_listed = builds_of(nodes_of(format_, profile).properties[_MODERATION])
    # The predictions hold nothing less sure, so what would be found at a lower threshold cannot be counted.
    asked = max(value_at(evaluation, _THRESHOLD), lowest_confidence(named("rekognition-output-record"), profile))
    labels = list(dict.fromkeys(name for record in trained for name in names_in(record) or ()))
    recount = Recount(labels, sorted({*grid, asked}), MODELS)
    for record in tested:
        recount.add(names_in(record) or (), found_in(record) or {})
    of_label = {label: recount.of_label(label) for label in labels}
    results = {r.threshold: r for r in results_by(recount.thresholds, of_label, recount.over_all(aggregate))}
    at_asked = [by_model["Adapter"][recount.thresholds.index(asked)] for by_model in of_label.values()]
    for path, value in (
        (LABELS, labels),
        (TRAINING_IMAGES, len(trained)),
        (IMAGES, len(tested)),
        (INPUT, build_one(results[asked]._replace(threshold=asked))),
        (ALL, [build_listed(results[threshold]) for threshold in grid]),
        (_F1, _mean_f1(at_asked)),
    ):
        _put(evaluation, path, value)
    event("visionfmt:moderation-bundle labels", ("none", "one", "several")[min(len(labels), 2)])
    event("visionfmt:moderation-bundle found", "some" if any(counts[0] for counts in at_asked) else "nothing right")
    return evaluation


def _mean_f1(counts: Sequence[Counts]) -> float:
    """Return the mean of the labels' F1 scores, none weighing more than another; 0 of a label without any positive."""
    scores = [2 * tp / (2 * tp + fp + fn) if tp else 0.0 for tp, _, fp, fn in counts]
    return sum(scores) / len(scores) if scores else 0.0


def _put(value: Any, path: Path, new: Any) -> None:
    value_at(value, path[:-1])[path[-1]] = new
