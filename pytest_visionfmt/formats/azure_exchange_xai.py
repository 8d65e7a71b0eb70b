"""The rules of an Azure response beside its request on explanations: asked for, and of which classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Exchange, Hit, Judgement, Pair, Profile, Rule, Verdict
from pytest_visionfmt.formats.azure_asked import Asked, asked_of
from pytest_visionfmt.formats.azure_requests_verdicts import WRAPPER
from pytest_visionfmt.formats.azure_responses_rules import predictions
from pytest_visionfmt.formats.azure_responses_verdicts import NOT_SEEN, PAGE_XAI_OUTPUT, only_page_warns
from pytest_visionfmt.formats.azure_responses_xai_rules import EXPLANATIONS, has_content
from pytest_visionfmt.values import is_number, show

__all__ = ["MANY_CLASSES", "MULTICLASS_XAI_PAIR_RULES", "MULTILABEL_XAI_PAIR_RULES", "NO_XAI_PAIR_RULES"]

MANY_CLASSES = 5
"""More classes than these are many to explain at once. The page says "only a few"; the number is ours."""


# What was not asked for.


def _unasked(pair: Pair, *, content: bool, explains: bool) -> Iterator[Hit]:
    asked = asked_of(pair.request) if explains else Asked()
    for i, item in predictions(pair.response):
        for key in EXPLANATIONS:
            if asked and key in item and not asked.wants(key) and has_content(item[key]) is content:
                what = key if content else f"{show(item[key])} under {key}"
                why = "which the request does not ask for" if explains else "where scores alone are the answer"
                yield Hit((i, key), f"{what}, {why}")


def _unasked_rules(*, explains: bool) -> tuple[Rule, ...]:
    """Return the rules on what was not asked for; without ``explains``, nothing can be asked for."""
    return (
        Rule(
            "VF467", "unasked-null", "Null, or a list of null, stands under a key of explanations not asked for.",
            PAGE_XAI_OUTPUT, only_page_warns("the service writes null where the page has no key"),
            Exchange(lambda pair: _unasked(pair, content=False, explains=explains)), frozenset({"VF602", "VF612"}),
        ),
        Rule(
            "VF468", "unasked-explanation", "A response has an explanation that its request does not ask for.",
            PAGE_XAI_OUTPUT, NOT_SEEN,
            Exchange(lambda pair: _unasked(pair, content=True, explains=explains)), frozenset({"VF437"}),
        ),
    )  # fmt: skip


# What was asked for.


class _Wanted(NamedTuple):
    """A place where a request asks for explanations: ``found`` says whether the response has the key."""

    item: int
    key: str
    found: bool
    explanations: Any
    selected: _Selected | None


class _Selected(NamedTuple):
    """How many classes score above a threshold, and how many at least as much as it is."""

    above: int
    at_least: int
    threshold: float
    at: int | None

    def wanted(self, profile: Profile) -> int:
        return self.at_least if profile == "documented" else self.above

    def words(self, profile: Profile) -> str:
        number = self.wanted(profile)
        classes = "1 class scores" if number == 1 else f"{number} classes score"
        how = "at or above" if profile == "documented" else "above"
        return f"{classes} {how} the threshold of {self.threshold:g}"


def _wanted(pair: Pair) -> Iterator[_Wanted]:
    asked = asked_of(pair.request)
    if asked is None:
        return
    for i, item in predictions(pair.response):
        selected = _selected(item.get("probs"), asked.threshold)
        for key in filter(asked.wants, EXPLANATIONS):
            yield _Wanted(i, key, key in item, item.get(key), selected)


def _selected(probs: Any, threshold: float | None) -> _Selected | None:
    """Return how many classes a request selects, None where scores or threshold cannot be read."""
    if threshold is None or not isinstance(probs, list) or not all(map(is_number, probs)):
        return None
    at = next((k for k, prob in enumerate(probs) if prob == threshold), None)
    above, at_least = sum(prob > threshold for prob in probs), sum(prob >= threshold for prob in probs)
    return _Selected(above, at_least, threshold, at)


def _missing_explanation(pair: Pair) -> Iterator[Hit]:
    for wanted in _wanted(pair):
        if not wanted.found:
            yield Hit((wanted.item, wanted.key), f"the key {show(wanted.key)} is missing, which the request asks for")


def _null_for_image(pair: Pair) -> Iterator[Hit]:
    for wanted in _wanted(pair):
        if wanted.found and wanted.explanations is None:
            yield Hit((wanted.item, wanted.key), f"null under {wanted.key}, which the request asks for")


def _null_for_class(pair: Pair) -> Iterator[Hit]:
    for item, key, found, explanations, selected in _wanted(pair):
        # That a class scores the threshold itself is another rule's business.
        if found and explanations is None and selected and selected.above:
            yield Hit((item, key), f"null under {key}, while {selected.words('reader')}")
        elif isinstance(explanations, list) and None in explanations:
            yield Hit((item, key), f"null as number {explanations.index(None)} of {key}, which the request asks for")


def _count(wanted: _Wanted) -> int | None:
    """Return how many classes are explained at a place; null is none."""
    if isinstance(wanted.explanations, list):
        return len(wanted.explanations)
    return 0 if wanted.found and wanted.explanations is None else None


def _explained_classes(pair: Pair) -> Iterator[Hit]:
    for wanted in _wanted(pair):
        selected, count = wanted.selected, _count(wanted)
        if selected and wanted.explanations is not None and count not in (None, selected.above, selected.at_least):
            yield Hit((wanted.item, wanted.key), f"{count} {wanted.key}, while {selected.words(pair.profile)}")


def _score_at_threshold(pair: Pair) -> Iterator[Hit]:
    ties = {}
    for wanted in _wanted(pair):
        selected, count = wanted.selected, _count(wanted)
        # What the service does at a tie is right to itself alone.
        right = pair.profile == "reader" and selected and count == selected.above
        if selected and selected.at is not None and not right and count in (selected.above, selected.at_least):
            ties[wanted.item] = selected.at, f"the score is the threshold itself; classes explained: {count}"
    for item, (at, message) in ties.items():
        yield Hit((item, "probs", at), message)


def _many_explanations(pair: Pair) -> Iterator[Hit]:
    many: dict[int, Hit] = {}
    for item, key, _, explanations, selected in _wanted(pair):
        if selected and isinstance(explanations, list) and selected.wanted(pair.profile) > MANY_CLASSES:
            many.setdefault(item, Hit((item, key), f"{selected.words(pair.profile)}: all are explained"))
    yield from many.values()


NO_XAI_PAIR_RULES = _unasked_rules(explains=False)
_TIE = Judgement(
    Severity.WARNING, Reaction.ACCEPTED, Evidence.READ,
    "the page explains classes that score at or above the threshold, the service those above it",
)  # fmt: skip
_MANY = Judgement(
    Severity.NOTE, Reaction.UNKNOWN, Evidence.DOCUMENTED,
    f"the page warns of timeouts unless only a few classes are explained; more than {MANY_CLASSES} is our reading",
)  # fmt: skip


def _asked_rules(null: Exchange) -> tuple[Rule, ...]:
    return (
        *_unasked_rules(explains=True),
        Rule(
            "VF465", "missing-explanation", "A response lacks a key of explanations that its request asks for.",
            PAGE_XAI_OUTPUT, NOT_SEEN, Exchange(_missing_explanation), frozenset({"VF442"}),
        ),
        Rule(
            "VF466", "null-explanation", "Null stands where its request asks for an explanation.", PAGE_XAI_OUTPUT,
            NOT_SEEN, null, frozenset({"VF602"}),
        ),
    )  # fmt: skip


MULTICLASS_XAI_PAIR_RULES = _asked_rules(Exchange(_null_for_image))
MULTILABEL_XAI_PAIR_RULES = (
    *_asked_rules(Exchange(_null_for_class)),
    Rule(
        "VF469", "explained-classes", "Another number of classes is explained than reach the threshold of the request.",
        PAGE_XAI_OUTPUT, NOT_SEEN, Exchange(_explained_classes),
    ),
    Rule(
        "VF470", "score-at-threshold", "A score is the very threshold of the request.", WRAPPER, Verdict(_TIE, _TIE),
        Exchange(_score_at_threshold),
    ),
    Rule(
        "VF471", "many-explanations", f"More than {MANY_CLASSES} classes of an image are explained.", PAGE_XAI_OUTPUT,
        Verdict(_MANY, _MANY), Exchange(_many_explanations),
    ),
)  # fmt: skip
