"""A request and its response to findings: each alone, then the one beside the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from pytest_visionfmt.checking import check_record, judge, rules_of
from pytest_visionfmt.findings import Finding, Severity
from pytest_visionfmt.format import Format, Pair, Profile, Rule, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.azure_exchange import request_format, response_format
from pytest_visionfmt.formats.shared_rules import JSON_RULES

__all__ = ["check_answer", "check_exchange"]

_JSON_CODES = frozenset(rule.code for rule in JSON_RULES)


def check_exchange(
    request: Any,
    response: Any,
    *,
    task: str,
    classes: Iterable[str | int] | None = None,
    profile: Profile = "documented",
) -> tuple[Finding, ...]:
    """Return every finding on a request to an endpoint and its response, given as Python values.

    * ``task`` is the service's name of what the model does: ``"image_classification"``,
      ``"image_classification_multilabel"``, ``"image_object_detection"`` or
      ``"image_instance_segmentation"``.
    * ``classes`` are those of the dataset that the model was trained with, to compare with; None
      leaves them out.
    * ``profile`` says who judges: the ``"documented"`` page (and the service where the page is
      silent), or the service alone, ``"reader"``.

    First come the findings on the request, whose ``file`` is ``"request"``, then those on the
    response, ``"response"``: alone, and beside the request. Whether and what to explain is what the
    row of index 0 says, for all rows. Never raises on bad data. Raises ``ValueError`` for an unknown
    task or profile, and for classes that are one string.
    """
    check_profile(profile)
    answer = named(response_format(request, task))
    if isinstance(classes, str):
        raise ValueError(f"classes={classes!r} is one string; a list of classes is wanted")
    asked = check_record(request, request_format(request), profile=profile)
    answered = check_answer(Pair(request, response, profile, None if classes is None else tuple(classes)), answer)
    return (*(replace(finding, file="request") for finding in asked), *answered)


def check_answer(pair: Pair, format_: Format) -> tuple[Finding, ...]:
    """Return the findings on the response of a pair, alone in its format and beside the request."""
    alone = check_record(pair.response, format_, profile=pair.profile)
    if any(finding.code in _JSON_CODES and finding.severity == Severity.ERROR for finding in alone):
        together = []  # of what no parser hands over there is no more to say
    else:
        together = list(_together(pair, format_))
    left = (finding for finding in alone if not any(_replaces(rule, exact, finding) for rule, exact in together))
    return tuple(replace(finding, file="response") for finding in (*left, *(exact for _, exact in together)))


def _together(pair: Pair, format_: Format) -> Iterator[tuple[Rule, Finding]]:
    for rule, look in rules_of(format_).exchange:
        for hit in look.find(pair):
            if found := judge(rule, hit, format_, pair.profile, pair.response):
                yield rule, found.worded()


def _replaces(rule: Rule, exact: Finding, finding: Finding) -> bool:
    """Whether a finding says less than one of the exchange does, at its place or above it."""
    below = finding.path.removeprefix(exact.path)
    same_place = finding.path.startswith(exact.path) and (not below or below[0] in ".[")
    return finding.code in rule.replaces and same_place
