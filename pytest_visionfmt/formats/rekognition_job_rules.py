"""The rules on the files of one training job beside each other.

That the outputs echo the input is what the page says. How many images there are, which labels, and that the
counts are those of the predictions follows from what the files are for: AWS does not say so, and these rules warn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pytest_visionfmt.format import Files, Hit, Rule, Verdict
from pytest_visionfmt.formats.moderation_counts import AGGREGATES, Counts, Curve
from pytest_visionfmt.formats.moderation_taxonomy import TAXONOMIES, top_level
from pytest_visionfmt.formats.rekognition_cells import IMAGES, KEYS, LABELS, Cell, blocks_of, is_count
from pytest_visionfmt.formats.rekognition_job import Job, image_of, names_in
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, PAGE, SOURCE_REF, TRUTH, error, warning
from pytest_visionfmt.json_paths import value_at
from pytest_visionfmt.values import printable, show

__all__ = ["EVALUATION_JOB_RULES", "INPUT_JOB_RULES", "OUTPUT_JOB_RULES", "PROJECT_VERSION", "TRAINING_IMAGES"]

TRAINING_IMAGES = ("EvaluationDetails", "NumberOfTrainingImages")
PROJECT_VERSION = ("EvaluationDetails", "ProjectVersionArn")

_PREPARING = (
    'by analogy: Amazon Rekognition Custom Labels, "Preparing images", '
    "https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-prepare-images.html"
)
_MOST_NAMED = 4
_TOP_LEVEL = frozenset(name for version in TAXONOMIES for name in top_level(version))

# On records, each as the function that finds it broken.


def _listed(names: Iterable[str]) -> str:
    shown = [show(name) for name in names]
    more = f" and {len(shown) - _MOST_NAMED} more" if len(shown) > _MOST_NAMED else ""
    return (", ".join(shown[:_MOST_NAMED]) or "no label") + more


def _other_image(record: Any, job: Job) -> Iterator[Hit]:
    image = image_of(record)
    if image is not None and job.input and job.input.whole and image not in job.input.images:
        yield Hit((SOURCE_REF,), f"the input has no image {show(record[SOURCE_REF])}")


def _other_truth(record: Any, job: Job) -> Iterator[Hit]:
    image, truth = image_of(record), names_in(record)
    given = job.input.images.get(image, ()) if job.input and image is not None else ()
    if truth is not None and given and truth not in given:
        message = f"the ground truth is {_listed(truth)} here and {' or '.join(map(_listed, given))} in the input"
        yield Hit((TRUTH, "ModerationLabels"), message)


def _wrong_output(record: Any, job: Job) -> Iterator[Hit]:
    if not isinstance(record, dict):
        return
    there = [key for key in (ADAPTER, BASE_MODEL) if key in record]
    if job.looking_at == "training_output" and there:
        yield Hit((there[0],), f"a training output has no predictions; {show(there[0])} is there")
    elif job.looking_at == "testing_output" and not there:
        yield Hit((ADAPTER,), f"a testing output has predictions; neither {show(ADAPTER)} nor the other is there")


def _missing_image(record: Any, job: Job) -> Iterator[Hit]:
    image = image_of(record)
    if image is not None and job.outputs and not any(image in output.images for output in job.outputs):
        yield Hit((SOURCE_REF,), f"neither output has the image {show(record[SOURCE_REF])}")


def _trained_and_tested(record: Any, job: Job) -> Iterator[Hit]:
    image = image_of(record)
    if job.looking_at == "testing_output" and job.training_output and image in job.training_output.images:
        yield Hit((SOURCE_REF,), f"the training output has the image {show(record[SOURCE_REF])} as well")


# On the evaluation.


def _other_number(value: Any, job: Job) -> Iterator[Hit]:
    for path, output, kind in (
        (TRAINING_IMAGES, job.training_output, "training"),
        (IMAGES, job.testing_output, "testing"),
    ):
        images = value_at(value, path)
        if is_count(images) and output and output.whole and images != output.records:
            lines = f"{output.records} line{'' if output.records == 1 else 's'}"
            yield Hit(path, f"{show(images)} {kind} images; the {kind} output has {lines}")


def _other_labels(value: Any, job: Job) -> Iterator[Hit]:
    listed = value_at(value, LABELS)
    if not isinstance(listed, list) or not job.training_output or not job.training_output.whole:
        return
    trained = job.training_output.labels
    for i, label in enumerate(listed):
        if isinstance(label, str) and label not in trained:
            yield Hit((*LABELS, i), f"no image of the training output has the label {show(label)}")
    # Labels further down are not processed, as AWS says, and another rule speaks of them.
    if absent := [label for label in sorted(trained & _TOP_LEVEL) if label not in listed]:
        yield Hit(LABELS, f"images of the training output have labels that are not listed: {_listed(absent)}")


def _other_count(value: Any, job: Job) -> Iterator[Hit]:
    recount = job.recount
    if recount is None or job.testing_output is None:
        return
    known = {threshold: i for i, threshold in enumerate(recount.thresholds)}
    cells = [cell for block in blocks_of(value) for cell in block.cells if cell.threshold in known]
    of_label = {label: recount.of_label(label) for label in recount.labels}
    # The page does not say how the counts over all labels are made: they are held to the way that fits them best.
    over_all = [recount.over_all(aggregate) for aggregate in AGGREGATES]
    totals = [cell for cell in cells if cell.label is None]
    best = min(over_all, key=lambda way: sum(len(_wrong(cell, way[cell.model], known)) for cell in totals))
    for cell in cells:
        curve = (best if cell.label is None else of_label[cell.label])[cell.model]
        for key, right in _wrong(cell, curve, known):
            message = f"{key} of {cell.name} is {cell.counts[key]} for {cell.model} at threshold {show(cell.threshold)}"
            message += f"; the predictions of the testing output give {right}"
            if exact := recount.at_threshold[cell.model, cell.threshold or 0]:
                message += f", with {exact} found at exactly this confidence"
            yield Hit((*cell.path, key), message)


def _wrong(cell: Cell, curve: Curve, known: dict[float, int]) -> list[tuple[str, int]]:
    """Return the keys of a cell whose counts are not those of the curve, with the right ones."""
    assert cell.threshold is not None
    right: Counts = curve[known[cell.threshold]]
    return [(key, n) for key, n in zip(KEYS, right, strict=True) if cell.counts[key] != n]


def _other_adapter(value: Any, job: Job) -> Iterator[Hit]:
    evaluated = value_at(value, PROJECT_VERSION)
    if isinstance(evaluated, str):
        for version, line in job.versions.items():
            if version != evaluated:
                where = f"line {line} of the testing output"
                yield Hit(PROJECT_VERSION, f"the predictions in {where} are those of {printable(version)}")


def _rule(
    code: str, name: str, title: str, verdict: Verdict, find: Callable[[Any, Job], Iterator[Hit]], source: str = PAGE
) -> Rule:
    return Rule(code, name, title, source, verdict, Files(find))


_ECHOED = error("the page: an output has the image, and the ground truth, that the input manifest gave")
_INFERRED = "inferred from what the files are for; the page does not say so"

INPUT_JOB_RULES = (
    _rule(
        "VF540", "missing-image", "An image of the input is in neither of the outputs.",
        warning(f"{_INFERRED}, and some images may not have been used"), _missing_image,
    ),
)  # fmt: skip
OUTPUT_JOB_RULES = (
    _rule("VF541", "other-image", "An output names an image that is not in the input.", _ECHOED, _other_image),
    _rule(
        "VF542", "other-ground-truth", "The ground truth of an image is another in an output than in the input.",
        _ECHOED, _other_truth,
    ),
    _rule(
        "VF543", "wrong-output", "A training output has predictions, or a testing output none.",
        error("the page lists the predictions as part of the testing dataset only"), _wrong_output,
    ),
    _rule(
        "VF544", "trained-and-tested", "An image of the testing output is in the training output as well.",
        warning("by analogy with Custom Labels, where no image to test with is one of the training dataset"),
        _trained_and_tested, _PREPARING,
    ),
)  # fmt: skip
EVALUATION_JOB_RULES = (
    _rule(
        "VF545", "other-number-of-images", "An evaluation has another number of images than the output has lines.",
        warning(f"{_INFERRED}, and some images may not have been used"), _other_number,
    ),
    _rule(
        "VF546", "other-labels", "The labels of an evaluation are not those of the training output's ground truth.",
        warning('inferred: the page says that they are the labels "the adapter was trained on"'), _other_labels,
    ),
    _rule(
        "VF547", "other-count", "A count of an evaluation is not what the predictions of the testing output give.",
        warning("inferred from what the counts mean; a label is found where its confidence is at least the threshold"),
        _other_count,
    ),
    _rule(
        "VF548", "other-adapter", "An evaluation is of another version than the predictions of the testing output.",
        warning(_INFERRED), _other_adapter,
    ),
)  # fmt: skip
