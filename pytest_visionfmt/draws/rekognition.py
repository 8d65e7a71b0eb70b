"""Drawing Rekognition's records and responses: which parts belong together, and the user's arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.draws.rekognition_images import adapter_version, source_ref
from pytest_visionfmt.draws.rekognition_labels import fits, names_of_truth, prediction, truth_labels
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.moderation_taxonomy import LATEST
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, SOURCE_REF, TRUTH
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_strategies import Compiler, Hook, always, decode_record
from pytest_visionfmt.value_decoders import Decoder, Drawing, choice, given
from pytest_visionfmt.values import fresh

__all__ = ["KINDS", "ManifestArguments", "draw_manifest_record", "draw_response", "truth_names"]

KINDS = ("training", "testing")
"""The kinds of output; what the adapter was trained on has no predictions, what it was tested on has both."""

_MOST_LABELS = 4
_SOURCE = f"$['{SOURCE_REF}']"
_TRUTH_LABELS = f"$['{TRUTH}'].ModerationLabels"
_PREDICTIONS = (ADAPTER, BASE_MODEL)
# Ground Truth passes what it does not know through.
_EXTRAS = (
    ("annotator", "checked"), ("batch", 17), ("weight", 0.5), ("checked", True), ("remark", None),
    ("workers", ["a", "b"]), ("meta", {"by": "a"}), ("größe", ""),
)  # fmt: skip
_REVIEWS = (
    "arn:aws:sagemaker:us-east-1:111122223333:human-loop/my-loop",
    "arn:aws-cn:sagemaker:cn-north-1:111122223333:human-loop/l",
    "",
)
_REASONS = ("ConditionsEvaluation", "RandomSampling", "a", "")
_EVALUATIONS = ('{"Conditions": []}', '{"Conditions": [{"EvaluationResult": true}]}', "{}", "")


class ManifestArguments(NamedTuple):
    """What the user asked for; each means the same in every strategy that has it.

    ``counts`` bounds the labels of the ground truth, ``kind`` is that of an output record, None for either.
    ``sees_truth`` says that predictions have some of the labels of the ground truth.
    """

    taxonomy: str = LATEST
    counts: tuple[int, int] = (0, _MOST_LABELS)
    labels: st.SearchStrategy[str] | None = None
    image_urls: st.SearchStrategy[str] | None = None
    kind: str | None = None
    sees_truth: bool = False


_AS_IT_COMES = ManifestArguments()


def truth_names(format_: Format, profile: Profile, taxonomy: str) -> tuple[str, ...]:
    """Return the labels that ground truth may name in a format."""
    name = nodes_of(format_, profile).at((TRUTH, "ModerationLabels", 0, "Name"))
    return names_of_truth(name or Node(), taxonomy)


def draw_manifest_record(
    draw: Callable[[st.SearchStrategy[Any]], Any],
    format_: Format,
    profile: Profile,
    arguments: ManifestArguments = _AS_IT_COMES,
) -> dict[str, Any]:
    """Draw one line of an input or output manifest, as its schema has it."""
    record: dict[str, Any] = decode_record(_decoder(format_, profile, arguments), draw)
    if ADAPTER in record:
        event(f"visionfmt:{format_.id} kind", "testing")
    else:
        truth = record.get(TRUTH, {}).get("ModerationLabels", ())
        event(f"visionfmt:{format_.id} labels", ("none", "one", "several")[min(len(truth), 2)])
    return record


@lru_cache(maxsize=128)
def _decoder(format_: Format, profile: Profile, arguments: ManifestArguments) -> Decoder:
    names = truth_names(format_, profile, arguments.taxonomy)
    hooks: dict[str, Hook] = {
        "$": _record(arguments.kind),
        _SOURCE: always(given(arguments.image_urls)) if arguments.image_urls is not None else source_ref,
        _TRUTH_LABELS: truth_labels(names, arguments.labels, arguments.counts),
    }
    for key in _PREDICTIONS:
        hooks[f"$['{key}']"] = prediction(arguments.taxonomy, thresholds=True, sees_truth=arguments.sees_truth)
        hooks[f"$['{key}'].ProjectVersion"] = adapter_version
    return Compiler(hooks).compile(nodes_of(format_, profile))


def _record(kind: str | None) -> Hook:
    """A line with both predictions or with none, sometimes with another key that passes through."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        both = [key for key in _PREDICTIONS if key in node.properties]
        without = {key: child for key, child in node.properties.items() if key not in both}
        kinds = {
            "training": replace(node, properties=without),
            "testing": replace(node, required=tuple(dict.fromkeys((*node.required, *both)))),
        }
        wanted = [kinds[kind]] if kind else list(kinds.values()) if both else [node]
        size, read_object = compiler.union([compiler.object(one, site) for one in wanted])

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            record: dict[str, Any] = read_object(b, at + 1, drawing)
            if b[at] > 224:
                key, value = _EXTRAS[b[at] % len(_EXTRAS)]
                record.setdefault(key, fresh(value))
            return record

        return Decoder(size + 1, read)

    return hook


def draw_response(
    draw: Callable[[st.SearchStrategy[Any]], Any], format_: Format, profile: Profile, taxonomy: str = LATEST
) -> dict[str, Any]:
    """Draw one answer of DetectModerationLabels, as its schema has it."""
    response: dict[str, Any] = decode_record(_response(format_, profile, taxonomy), draw)
    event(f"visionfmt:{format_.id} labels", "some" if response.get("ModerationLabels") else "none")
    return response


@lru_cache(maxsize=16)
def _response(format_: Format, profile: Profile, taxonomy: str) -> Decoder:
    human = "$.HumanLoopActivationOutput"
    hooks: dict[str, Hook] = {
        "$": prediction(taxonomy, thresholds=False),
        "$.ProjectVersion": adapter_version,
        f"{human}.HumanLoopArn": _one_of(_REVIEWS),
        f"{human}.HumanLoopActivationReasons[*]": _one_of(_REASONS),
        f"{human}.HumanLoopActivationConditionsEvaluationResults": _one_of(_EVALUATIONS),
    }
    return Compiler(hooks).compile(nodes_of(format_, profile))


def _one_of(texts: tuple[str, ...]) -> Hook:
    """One of some strings, those that the schema allows."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        fitting = [text for text in texts if fits(node, text)]
        return choice(fitting) if fitting else compiler.plain(node, site)

    return hook
