"""Drawing evaluations: counts that one set of images leads to, at twenty thresholds and at the one asked for."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.draws.rekognition_images import adapter_version
from pytest_visionfmt.draws.rekognition_labels import names_of_truth
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.moderation_counts import AGGREGATES, Curve, Scores, by_image, curves, sums
from pytest_visionfmt.formats.moderation_taxonomy import LATEST
from pytest_visionfmt.schema_nodes import Node, compile_pattern, nodes_of
from pytest_visionfmt.schema_strategies import Compiler, Hook, decode_record
from pytest_visionfmt.value_decoders import Decoder, Drawing, given, in_blocks, look_up, number_table

__all__ = [
    "Build",
    "EvaluationArguments",
    "Results",
    "builds_of",
    "draw_evaluation",
    "evaluated_names",
    "evaluation_decoder",
    "results_by",
    "results_of",
]

_DETAILS, _MODERATION = "EvaluationDetails", "ContentModeration"
_INPUT, _ALL = "InputConfidenceThresholdEvalResults", "AllConfidenceThresholdsEvalResults"
_THRESHOLD, _TOTAL, _ROWS = "ConfidenceThreshold", "AggregatedEvaluationResults", "LabelEvaluationResults"
_MODELS = ("BaseModel", "Adapter")
_COUNTS = {"TruePositive": 0, "TrueNegative": 1, "FalsePositive": 2, "FalseNegative": 3}

_MOST_LABELS = 3
_IMAGES = (1, 2, 3, 4, 5, 8, 10, 20, 21, 50, 99, 100, 200, 1000, 10_000, 0)
_GROUPS = 2  # of images where a model is equally sure
_SURE = tuple((u + 0.5) * 100 / 256 for u in range(256))  # none on a threshold, some below the lowest
_ASKED = (0.0, 1.0, 0.5, 0.675, 0.05, 0.8)  # of the way from the lowest threshold to the highest
_FRACTIONS = ("", ".000", ".000000", ".910", ".123456", ".910943")
_ZONES = ("", "Z", "+00:00", "-08:00", "+0530")

Build: TypeAlias = Callable[[Any], Any]
"""Makes one object of the document from what it is about."""


class EvaluationArguments(NamedTuple):
    """What the user asked for: the labels, how many there are, of which taxonomy, and what totals are."""

    taxonomy: str = LATEST
    counts: tuple[int, int] = (0, _MOST_LABELS)
    labels: st.SearchStrategy[str] | None = None
    aggregate: str = AGGREGATES[0]


class Results(NamedTuple):
    """The results at one threshold: over all labels and for each, by model."""

    threshold: float
    total: Mapping[str, tuple[int, ...]]
    rows: Sequence[tuple[str, Mapping[str, tuple[int, ...]]]]


_AS_IT_COMES = EvaluationArguments()


def evaluated_names(format_: Format, profile: Profile, taxonomy: str) -> tuple[str, ...]:
    """Return the labels that an adapter may have been trained on."""
    return names_of_truth(nodes_of(format_, profile).at((_DETAILS, "Labels", 0)) or Node(), taxonomy)


def results_of(
    thresholds: Sequence[float], images: int, labels: Mapping[str, tuple[int, Mapping[str, Scores]]], aggregate: str
) -> list[Results]:
    """Return the results at every threshold, which rise.

    ``labels`` maps a label to the number of images that have it and how surely each model found it.
    """
    of_label = {label: curves(thresholds, having, images, scores) for label, (having, scores) in labels.items()}
    length = len(thresholds)
    total: dict[str, Curve] = {}
    for model in _MODELS:
        parts = [by_model[model] for by_model in of_label.values()]
        total[model] = sums(parts, length) if aggregate == "labels" else by_image(parts, images, length)
    return results_by(thresholds, of_label, total)


def results_by(
    thresholds: Sequence[float], of_label: Mapping[str, Mapping[str, Curve]], total: Mapping[str, Curve]
) -> list[Results]:
    """Return the results at every threshold, from the counts of every label and over all of them, by model."""
    return [
        Results(
            threshold,
            {model: curve[i] for model, curve in total.items()},
            [(label, {model: curve[i] for model, curve in by_model.items()}) for label, by_model in of_label.items()],
        )
        for i, threshold in enumerate(thresholds)
    ]


def draw_evaluation(
    draw: Callable[[st.SearchStrategy[Any]], Any],
    format_: Format,
    profile: Profile,
    arguments: EvaluationArguments = _AS_IT_COMES,
) -> dict[str, Any]:
    """Draw one evaluation, as its schema has it."""
    value: dict[str, Any] = decode_record(evaluation_decoder(format_, profile, arguments), draw)
    labels = value.get(_DETAILS, {}).get("Labels", ())
    event(f"visionfmt:{format_.id} labels", len(labels))
    return value


@lru_cache(maxsize=64)
def evaluation_decoder(format_: Format, profile: Profile, arguments: EvaluationArguments) -> Decoder:
    """Return what decodes an evaluation."""
    root = nodes_of(format_, profile)
    names = evaluated_names(format_, profile, arguments.taxonomy)
    details = f"$.{_DETAILS}"
    hooks: dict[str, Hook] = {
        f"{details}.EvaluationEndTimestamp": _timestamp,
        f"{details}.Labels": _labels(names, arguments),
        f"{details}.NumberOfTestingImages": _images,
        f"{details}.ProjectVersionArn": adapter_version,
        f"$.{_MODERATION}": _moderation(arguments.aggregate),
    }
    return Compiler(hooks).compile(root)


# What was evaluated. It comes before the results in the schema, and the results are those of it.


def _timestamp(compiler: Compiler, node: Node, site: str) -> Decoder:
    """The end of the evaluation, with and without a fraction and a zone."""
    matches = compile_pattern(node.pattern).search if node.pattern else bool
    fractions = [f for f in _FRACTIONS if matches(f"2020-01-01T00:00:00{f}")]
    zones = [zone for zone in _ZONES if matches(f"2020-01-01T00:00:00{zone}")]
    if not fractions or not zones:
        return compiler.plain(node, site)
    fraction_of, zone_of = in_blocks(fractions), in_blocks(zones)

    def read(b: bytes, at: int, drawing: Drawing) -> str:
        year, month, day, hour, minute, second, fraction, zone = b[at : at + 8]
        date = f"{2020 + (year >> 5)}-{1 + month * 12 // 256:02}-{1 + day * 28 // 256:02}"
        time = f"{hour * 24 // 256:02}:{minute * 60 // 256:02}:{second * 60 // 256:02}"
        return f"{date}T{time}{fraction_of[fraction]}{zone_of[zone]}"

    return Decoder(8, read)


def _labels(names: Sequence[str], arguments: EvaluationArguments) -> Hook:
    """The labels that the adapter was trained on, none twice; one is simpler than none."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        least, most = arguments.counts
        if arguments.labels is not None:
            inner = given(st.lists(arguments.labels, min_size=least, max_size=most, unique=True))
        elif not names:
            inner = compiler.plain(node, site)
        else:
            least, most = max(node.min_items, min(least, len(names))), min(most, len(names))
            lengths = range(least, most + 1)
            length_of = in_blocks(lengths if least or not most else (*lengths[1:], 0))

            def choose(b: bytes, at: int, drawing: Drawing) -> list[str]:
                left = list(names)
                return [left.pop(b[i] * len(left) >> 8) for i in range(at + 1, at + 1 + length_of[b[at]])]

            inner = Decoder(1 + most, choose)

        def read(b: bytes, at: int, drawing: Drawing) -> list[str]:
            labels: list[str] = inner.read(b, at, drawing)
            drawing.shared["labels"] = labels
            return labels

        return Decoder(inner.size, read)

    return hook


def _images(compiler: Compiler, node: Node, site: str) -> Decoder:
    """How many images were tested."""
    low, high = node.minimum or 0, node.maximum
    table = in_blocks([n for n in _IMAGES if low <= n and (high is None or n <= high)] or [int(low)])

    def read(b: bytes, at: int, drawing: Drawing) -> int:
        drawing.shared["images"] = table[b[at]]
        return table[b[at]]

    return Decoder(1, read)


# The results.


def _moderation(aggregate: str) -> Hook:
    """The results at every threshold of the list and at the one of the request, of the same images."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        grid, build_one, build_listed = builds_of(node)
        threshold = _asked(node.properties.get(_INPUT, Node()).properties.get(_THRESHOLD, Node()))
        per_model = 4 * _GROUPS
        per_label = 1 + per_model * len(_MODELS)
        keys = [key for key in node.properties if key in (_INPUT, _ALL)]

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            asked = threshold.read(b, at, drawing)
            images, labels = drawing.shared.get("images", 0), drawing.shared.get("labels", ())
            found = {}
            for i, label in enumerate(labels):
                # Of more labels than there are bytes for, the first ones' numbers stand for the others.
                start = at + threshold.size + per_label * (i % _MOST_LABELS)
                having = b[start] * (images + 1) >> 8
                scores = {
                    model: _scores(b, start + 1 + per_model * j, having, images - having)
                    for j, model in enumerate(_MODELS)
                }
                found[label] = (having, scores)
            thresholds: list[float] = list(grid)
            if asked not in thresholds:
                insort(thresholds, asked)
            results = results_of(thresholds, images, found, aggregate)
            made = {
                _INPUT: build_one(next(r for r in results if r.threshold == asked)._replace(threshold=asked)),
                _ALL: [build_listed(r) for r in results if r.threshold in grid],
            }
            return {key: made[key] for key in keys}

        return Decoder(threshold.size + per_label * _MOST_LABELS, read)

    return hook


def builds_of(node: Node) -> tuple[tuple[float, ...], Build, Build]:
    """Return the thresholds of the list, and what makes the object of the input threshold, and one of the list."""
    listed = (node.properties.get(_ALL) or Node()).items or Node()
    grid = tuple(sorted(listed.properties.get(_THRESHOLD, Node()).enum or ()))
    return grid, _block(node.properties.get(_INPUT, Node())), _block(listed)


def _asked(node: Node) -> Decoder:
    """The threshold of the request: any number, often one of those that people take."""
    low, high = 0 if node.minimum is None else node.minimum, 100 if node.maximum is None else node.maximum
    return look_up(number_table(float(low), float(high), _ASKED))


def _scores(b: bytes, at: int, having: int, others: int) -> Scores:
    """Decode how surely a model found a label, in a few groups of images."""
    sides = []
    for start, left in ((at, having), (at + 2 * _GROUPS, others)):
        groups = []
        for i in range(start, start + 2 * _GROUPS, 2):
            count = b[i] * (left + 1) >> 8
            left -= count
            groups.append((_SURE[b[i + 1]], count))
        sides.append(groups)
    return Scores(*sides)


def _block(node: Node) -> Build:
    """Return what makes the object of one threshold, its keys those of the schema."""
    properties = node.properties
    total = _by_model(properties.get(_TOTAL, Node()))
    items = properties.get(_ROWS, Node()).items or Node()
    row = _by_model(items)
    has_name = "Label" in items.properties
    keys = tuple(key for key in properties if key in (_THRESHOLD, _TOTAL, _ROWS))

    def build(results: Results) -> dict[str, Any]:
        made = {
            _THRESHOLD: results.threshold,
            _TOTAL: total(results.total),
            _ROWS: [
                {"Label": label, **row(by_model)} if has_name else row(by_model) for label, by_model in results.rows
            ],
        }
        return {key: made[key] for key in keys}

    return build


def _by_model(node: Node) -> Build:
    """Return what makes an object of the counts of both models."""
    pairs = []
    for model in _MODELS:
        if child := node.properties.get(model):
            pairs.append((model, [(key, _COUNTS[key]) for key in child.properties if key in _COUNTS]))
    return lambda counts: {model: {key: counts[model][i] for key, i in keys} for model, keys in pairs}
