"""Edge cases of Rekognition's evaluations: few images, models that find all or nothing, odd thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pytest_visionfmt.draws.rekognition_evaluation import Results, results_of
from pytest_visionfmt.edges.cases import EdgeCase
from pytest_visionfmt.edges.families import Edges
from pytest_visionfmt.edges.maker import Maker, Simplest
from pytest_visionfmt.edges.rekognition import ARNS
from pytest_visionfmt.formats.moderation_counts import Scores
from pytest_visionfmt.formats.moderation_taxonomy import top_level
from pytest_visionfmt.formats.rekognition_cells import ALL, INPUT, KEYS, MODELS
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node

__all__ = ["EDGES"]

_DETAILS: Path = ("EvaluationDetails",)
_STAMP: Path = (*_DETAILS, "EvaluationEndTimestamp")
_BASE, _ADAPTER = MODELS
_LABEL = top_level()[0]
_GRID = tuple(range(5, 101, 5))

Found = Mapping[str, tuple[int, Mapping[str, Scores]]]

_NOTHING = Scores()
_SOME = Scores([(90.5, 1), (40.5, 1)], [(30.5, 1)])
_SURER = Scores([(99.5, 2)], [(10.5, 1)])


def _block(results: Results) -> dict[str, Any]:
    def counts(by_model: Mapping[str, tuple[int, ...]]) -> dict[str, dict[str, int]]:
        return {model: dict(zip(KEYS, found, strict=True)) for model, found in by_model.items()}

    return {
        "ConfidenceThreshold": results.threshold,
        "AggregatedEvaluationResults": counts(results.total),
        "LabelEvaluationResults": [{"Label": label, **counts(found)} for label, found in results.rows],
    }


def _evaluated(found: Found, images: int, threshold: float = 0.0, aggregate: str = "labels") -> dict[Path, Any]:
    """Return what an evaluation of images says, as changes to the simplest one."""
    thresholds = sorted({*_GRID, threshold})
    blocks = {results.threshold: _block(results) for results in results_of(thresholds, images, found, aggregate)}
    return {
        (*_DETAILS, "Labels"): list(found),
        (*_DETAILS, "NumberOfTestingImages"): images,
        INPUT: {**blocks[threshold], "ConfidenceThreshold": threshold},
        ALL: [blocks[n] for n in _GRID],
    }


def _models(base: Scores, adapter: Scores) -> dict[str, Scores]:
    return {_BASE: base, _ADAPTER: adapter}


_PLAIN: Found = {_LABEL: (0, _models(_NOTHING, _NOTHING))}
_USUAL: Found = {"Violence": (3, _models(_SOME, _SURER)), "Alcohol": (2, _models(_SOME, _SOME))}


def _simplest() -> dict[str, Simplest]:
    values = _evaluated(_PLAIN, 1)
    return {
        "$.EvaluationDetails.EvaluationEndTimestamp": lambda node: "2020-01-01T00:00:00",
        "$.EvaluationDetails.Labels": partial(_value, values[*_DETAILS, "Labels"]),
        "$.EvaluationDetails.NumberOfTestingImages": lambda node: 1,
        "$.ContentModeration.InputConfidenceThresholdEvalResults": partial(_value, values[INPUT]),
        "$.ContentModeration.AllConfidenceThresholdsEvalResults": partial(_value, values[ALL]),
        "$.AggregatedEvaluationResults.F1Score": lambda node: 0.0,
    }


def _value(value: Any, node: Node) -> Any:
    return value


def _cases(maker: Maker) -> Iterator[EdgeCase]:
    for name, stamp, why in (
        ("plain", "2023-11-21T07:30:23", "no fraction and no zone"),
        ("milliseconds", "2023-11-21T07:30:23.910", "a fraction of three digits"),
        ("microseconds", "2023-11-21T07:30:23.910943", "a fraction of six digits, and no zone"),
        ("zulu", "2023-11-21T07:30:23Z", "the zone Z"),
        ("microseconds-zulu", "2023-11-21T07:30:23.910943Z", "a fraction and the zone Z"),
        ("offset", "2023-11-21T07:30:23-08:00", "an offset behind it"),
        ("offset-without-colon", "2023-11-21T07:30:23+0530", "an offset without a colon"),
        ("leap-second", "2016-12-31T23:59:60Z", "a leap second"),
    ):
        yield from maker.case(f"timestamp-{name}", f"The timestamp has {why}.", {_STAMP: stamp})
    for name, arn, why in ARNS:
        path = (*_DETAILS, "ProjectVersionArn")
        yield from maker.case(f"arn-{name}", f"The adapter's version is {why}.", {path: arn})
    for name, found, images, why in (
        ("no-image", {_LABEL: (0, _models(_NOTHING, _NOTHING))}, 0, "No image was tested, and every count is 0."),
        ("no-label", {}, 10, "The adapter was trained on no label."),
        ("one-image", {_LABEL: (1, _models(_NOTHING, Scores([(99.5, 1)])))}, 1, "One image was tested, and it has it."),
        ("all-safe", {_LABEL: (0, _models(_NOTHING, _NOTHING))}, 20, "No image has the label, so that F1 is 0 / 0."),
        ("all-found", {_LABEL: (9, _models(Scores([(100, 9)]), Scores([(100, 9)])))}, 9, "Both models find all of it."),
        ("all-missed", {_LABEL: (9, _models(_NOTHING, _NOTHING))}, 9, "Both models find nothing at all."),
        ("all-wrong", {_LABEL: (0, _models(Scores((), [(99.5, 9)]), _NOTHING))}, 9, "A model finds it on every image."),
        ("adapter-as-base-model", {_LABEL: (3, _models(_SOME, _SOME))}, 9, "The adapter is as good as the base model."),
        ("adapter-is-worse", {_LABEL: (3, _models(_SURER, _SOME))}, 9, "The adapter is worse than the base model."),
        ("on-thresholds", {_LABEL: (3, _models(Scores([(5, 1), (50, 2)]), _NOTHING))}, 9,
         "What is found is exactly as sure as a threshold asks for."),
        ("all-top-level-labels", dict.fromkeys(top_level(), (3, _models(_SOME, _SURER))), 9,
         "The adapter was trained on all labels of the top level."),
    ):  # fmt: skip
        yield from maker.case(name, why, _evaluated(found, images))
    for threshold in (0, 67.5, 50, 50.0, 100):
        why = "The threshold of the request is an unusual one."
        like = _asked_for(threshold)
        yield from maker.case(f"asked-for={threshold}", why, _evaluated(_USUAL, 9, threshold), like)
    why = "Counts over all labels are those of images."
    yield from maker.case("counts-of-images", why, _evaluated(_USUAL, 9, 67.5, "images"))
    listed = _evaluated(_PLAIN, 1)[ALL]
    as_floats = [{**block, "ConfidenceThreshold": float(block["ConfidenceThreshold"])} for block in listed]
    why = "The thresholds of the list are written as 5.0."
    yield from maker.case("thresholds-as-floats", why, {ALL: as_floats})


def _asked_for(threshold: float) -> Callable[[Any], bool]:
    return lambda value: bool(value["ContentModeration"][INPUT[-1]]["ConfidenceThreshold"] == threshold)


EDGES = {"rekognition-evaluation": Edges(_simplest(), cases=_cases)}
