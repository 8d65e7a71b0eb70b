"""The breach of every rule of Rekognition's evaluations: what their schema cannot say about breaking them.

Most of these rules compare what stands far apart, so most of the breaches are changes to a whole
document. Where the findings are is said by ``rules_again``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from pytest_visionfmt.breaches import Breach, Breaches, Consequence, FileBreach
from pytest_visionfmt.draws.line_files import as_lines
from pytest_visionfmt.draws.rekognition_evaluation_again import (
    AGGREGATE,
    CHANGING,
    DIFFERS,
    NO_RESULT,
    ORDER,
    OVER_ALL,
    REPEATED,
    RISING,
    ROWS,
    THRESHOLD,
    TOTAL,
    TWICE,
    UNTRAINED,
    rules_again,
)
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.moderation_taxonomy import top_level
from pytest_visionfmt.formats.rekognition_cells import ALL, INPUT, KEYS, MODELS
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import refusals, refused_keywords
from pytest_visionfmt.values import fresh

__all__ = ["evaluation_breaches"]

_STAMP: Path = ("EvaluationDetails", "EvaluationEndTimestamp")
_ARN: Path = ("EvaluationDetails", "ProjectVersionArn")
_SUMMARY: Path = ("AggregatedEvaluationResults",)
_TP, _TN, _FP, _FN = KEYS
_PAIRS = ((_TP, _FN), (_FP, _TN))  # found and not found, of the images with a label and of those without it
_PROJECT = "arn:aws:rekognition:us-east-1:111122223333:project/my-project"
_VERSION = f"{_PROJECT}/version/my-adapter/1700000000000"


def evaluation_breaches(format_: Format, profile: Profile) -> Breaches:
    """Return what is broken in an evaluation beyond its schema."""
    root = nodes_of(format_, profile)
    record = (*_of_details(root), *_of_shapes(root), *_of_list(root), *_of_rows(), *_of_counts())
    return Breaches(record=record, file=_FILES, also=rules_again)


# What the schema refuses, as people and programs write it.


def _of_details(root: Node) -> Iterator[Breach]:
    for place, value, change in (
        ((*_SUMMARY, "F1Score"), 97.3, "97.3, in percent"),
        (_ARN, f"{_PROJECT}/1700000000000", "the project's ARN"),
        (_ARN, f"{_PROJECT}/version/my-adapter", "an ARN without the time at its end"),
        (_ARN, _VERSION.replace("111122223333", "11112222333"), "an account of 11 digits"),
        (_ARN, _VERSION.replace("111122223333", "nnnnnnnnn"), "the account of a sample in the documents"),
        (_ARN, _VERSION.replace("111122223333", "\N{FULLWIDTH DIGIT ONE}" * 12), "an account of full-width digits"),
        (_STAMP, 1700551823.91, "seconds since 1970"),
        (_STAMP, "1700551823", "seconds since 1970 as a string"),
        (_STAMP, "2023-11-21 07:30:23", "a space for the T"),
        (_STAMP, "2023-11-21", "a date without a time"),
        (_STAMP, "2023-13-21T07:30:23", "a month 13"),
        (_STAMP, "Tue, 21 Nov 2023 07:30:23 GMT", "as HTTP writes it"),
    ):
        yield put(place, change, value, refusals(root.at(place) or Node(), value))


def _of_shapes(root: Node) -> Iterator[Breach]:
    summary = {"F1Score": 0.5}
    counts = {model: dict.fromkeys(KEYS, 0) for model in MODELS}
    for place, other, change in (
        (_SUMMARY, counts, "the counts of the key of the same name"),
        ((*INPUT, OVER_ALL), summary, "the F1 score of the key of the same name"),
        ((*ALL, 0, OVER_ALL), summary, "the F1 score of the key of the same name"),
    ):
        yield put(place, change, other, refusals(root.at(place) or Node(), other))

    def by_label(rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {row["Label"]: row for row in rows}

    for block in (INPUT, (*ALL, 0)):
        yield Breach((*block, ROWS), "an object by label for the list", by_label, (Consequence("type"),), holds="array")


# The list of all thresholds.


def _of_list(root: Node) -> Iterator[Breach]:
    node, place = root.at(ALL) or Node(), (*ALL, 0, THRESHOLD)
    threshold = root.at(place) or Node()

    def found(blocks: list[Any]) -> list[Consequence]:
        # What stands beside a threshold is as valid as before.
        by_item = (refusals(threshold, block[THRESHOLD], (i, THRESHOLD)) for i, block in enumerate(blocks))
        return [*map(Consequence, refused_keywords(node, blocks)), *chain.from_iterable(by_item)]

    def at_last(rule: str) -> Callable[[list[Any]], list[Consequence]]:
        return lambda blocks: [Consequence(rule, (len(blocks) - 1, THRESHOLD)), *found(blocks)]

    def repeated(blocks: list[Any]) -> list[Any]:
        return [*blocks[:-1], fresh(blocks[-2])]

    def swapped(blocks: list[Any]) -> list[Any]:
        return [*blocks[:-2], blocks[-1], blocks[-2]]

    def with_none(blocks: list[Any]) -> list[Any]:
        return [{**fresh(blocks[0]), THRESHOLD: 0}, *blocks]

    def changed(change: Callable[[float], float], blocks: list[Any]) -> list[Any]:
        return [{**block, THRESHOLD: change(block[THRESHOLD])} for block in blocks]

    for change, make, consequences in (
        ("the last but one threshold twice, the last one missing", repeated, at_last(REPEATED)),
        ("the last two entries swapped", swapped, at_last(ORDER)),
        ("entries in falling order", lambda blocks: blocks[::-1], at_last(ORDER)),
        ("21 thresholds, from 0", with_none, found),
        ("thresholds from 0 to 95", partial(changed, lambda n: n - 5), found),
        ("thresholds from 0 to 1", partial(changed, lambda n: n / 100), found),
    ):
        yield Breach(ALL, change, make, consequences, holds="array")
    for number in (0, 7):
        yield put(place, f"{number}, no step of 5", number, refusals(threshold, number))


# Labels and counts. An evaluation of no label or of no image has nothing of them to break.


def _of_rows() -> Iterator[Breach]:
    for at in (INPUT, (*ALL, -1)):
        where = "at the input threshold" if at == INPUT else "at the highest threshold"
        yield _of(TWICE, f"a label's results twice {where}", partial(_rows_changed, at, _first_again))
        yield _of(UNTRAINED, f"a label in small letters {where}", partial(_rows_changed, at, _in_small_letters))
        yield _of(NO_RESULT, f"a label without results {where}", partial(_rows_changed, at, lambda rows: rows[1:]))
    yield _of(UNTRAINED, "results for a label that was not trained", partial(_trained, lambda labels: labels[1:]))
    yield _of(UNTRAINED, "all labels in small letters where they were trained", partial(_trained, _lower))
    yield _of(NO_RESULT, "a label trained that has no results", partial(_trained, lambda x: [*x, "Rude Gesture"]))
    yield _of(NO_RESULT, "a label without results at any threshold", _without_first)


def _of_counts() -> Iterator[Breach]:
    models: list[Path] = [(ROWS, 0, model) for model in MODELS]
    both: list[Path] = [(OVER_ALL, model) for model in MODELS]
    for place in models:
        yield _of(CHANGING, f"{place[-1]} tested on other images at one threshold", partial(_last, place, _of_others))
        yield _of(RISING, f"{place[-1]} finds more at the highest threshold", partial(_more_at_highest, place))
        yield _of(TOTAL, f"{place[-1]} tested on an image more at one threshold", partial(_last, place, _one_more))
    yield _of(CHANGING, "the adapter tested on other images", partial(_everywhere, models[1:], _of_others))
    yield _of(TOTAL, "counts of an image more than were tested", partial(_everywhere, models, _one_more))
    yield _of(TOTAL, "an image tested that is not counted", _one_image_more)
    yield _of(AGGREGATE, "one too many over all labels", partial(_everywhere, both, _one_more))
    yield _of(AGGREGATE, "nothing counted over all labels", partial(_everywhere, both, lambda counts: _NOTHING))
    for place in (*models, *both[1:]):
        what = f"{place[-1]} over all labels" if place == both[1] else place[-1]
        yield _of(DIFFERS, f"other counts of {what} at the input threshold", partial(_other_input, place))


_Counts = dict[str, int]
_NOTHING: _Counts = dict.fromkeys(KEYS, 0)


def _of(rule: str, change: str, make: Callable[[dict[str, Any]], object]) -> Breach:
    """Return the breach of a rule by what ``make`` changes in an evaluation with results, in place."""

    def made(evaluation: dict[str, Any]) -> dict[str, Any]:
        evaluation = _with_results(evaluation)
        make(evaluation)
        return evaluation

    def first(evaluation: dict[str, Any]) -> list[Consequence]:
        return [next(found for found in rules_again(evaluation) if found.rule == rule)]

    return Breach((), change, made, first, holds="object")


def _with_results(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return an evaluation, changed to one label and one image where it has none."""
    details = evaluation["EvaluationDetails"]
    if not details["Labels"] or not details["NumberOfTestingImages"]:
        details["Labels"] = details["Labels"][:1] or [top_level()[0]]
        details["NumberOfTestingImages"] = 1
        for block in _all_blocks(evaluation):
            found = {model: {**_NOTHING, _TN: 1} for model in MODELS}
            block[OVER_ALL] = found
            block[ROWS] = [{"Label": details["Labels"][0], **fresh(found)}]
    return evaluation


def _all_blocks(evaluation: Any) -> list[Any]:
    return [value_at(evaluation, INPUT), *value_at(evaluation, ALL)]


def _rows_changed(at: Path, change: Callable[[list[Any]], list[Any]], evaluation: Any) -> None:
    block = value_at(evaluation, at)
    block[ROWS] = change(block[ROWS])


def _first_again(rows: list[Any]) -> list[Any]:
    return [*rows, fresh(rows[0])]


def _in_small_letters(rows: list[Any]) -> list[Any]:
    return [{**rows[0], "Label": rows[0]["Label"].lower()}, *rows[1:]]


def _lower(labels: list[str]) -> list[str]:
    return [label.lower() for label in labels]


def _trained(change: Callable[[list[str]], list[str]], evaluation: Any) -> None:
    details = evaluation["EvaluationDetails"]
    details["Labels"] = change(details["Labels"])


def _without_first(evaluation: Any) -> None:
    for block in _all_blocks(evaluation):
        del block[ROWS][0]


def _last(place: Path, change: Callable[[_Counts], _Counts], evaluation: Any) -> None:
    """Change the counts at a place of the results at the highest threshold."""
    _set(value_at(evaluation, (*ALL, -1)), place, change)


def _everywhere(places: Sequence[Path], change: Callable[[_Counts], _Counts], evaluation: Any) -> None:
    for block in _all_blocks(evaluation):
        for place in places:
            _set(block, place, change)


def _set(block: Any, place: Path, change: Callable[[_Counts], _Counts]) -> None:
    value_at(block, place[:-1])[place[-1]] = dict(change(value_at(block, place)))


def _one_more(counts: _Counts) -> _Counts:
    return {**counts, _TN: counts[_TN] + 1}


def _one_image_more(evaluation: Any) -> None:
    evaluation["EvaluationDetails"]["NumberOfTestingImages"] += 1


def _of_others(counts: _Counts) -> _Counts:
    """Return counts with an image that has the label for one that has it not, or the other way round."""
    (one, other) = _PAIRS if counts[_FP] + counts[_TN] else _PAIRS[::-1]
    # One that is not found, so that nothing is found more often than at a lower threshold, if there is one.
    i = 1 if counts[other[1]] else 0
    return {**counts, one[i]: counts[one[i]] + 1, other[i]: counts[other[i]] - 1}


def _turned(counts: _Counts) -> _Counts:
    """Return counts with one image found that was not, or the other way round."""
    more, less = next(pair for found, not_ in _PAIRS for pair in ((not_, found), (found, not_)) if counts[pair[1]])
    return {**counts, more: counts[more] + 1, less: counts[less] - 1}


def _more_at_highest(place: Path, evaluation: Any) -> None:
    """Let a model find one at the highest threshold that it does not find at the one before."""
    before, last = value_at(evaluation, ALL)[-2:]
    counts = value_at(before, place)
    found, not_ = next(pair for pair in _PAIRS if counts[pair[0]] + counts[pair[1]])
    images = counts[found] + counts[not_]
    most = min(counts[found], images - 1)
    _set(before, place, lambda counts: {**counts, found: most, not_: images - most})
    _set(last, place, lambda counts: {**counts, found: most + 1, not_: images - most - 1})


def _other_input(place: Path, evaluation: Any) -> None:
    """Let the input threshold be the highest one, and its counts others."""
    asked = value_at(evaluation, INPUT)
    asked.update(fresh(value_at(evaluation, (*ALL, -1))))
    _set(asked, place, _turned)


# Files.


def _as_documented(values: list[Any], at: int) -> tuple[bytes, list[Consequence]] | None:
    """Leave out the comma that the sample in the documents lacks."""
    key = json.dumps(ALL[-1])
    text = as_lines(values).decode()
    broken = text.replace(f", {key}", f" {key}", 1)
    return (broken.encode(), [Consequence("invalid-json", (), at + 1)]) if broken != text else None


_FILES = (FileBreach(f"no comma before {ALL[-1]}, as in the documents", _as_documented),)
