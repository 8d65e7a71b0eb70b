"""Where the manifests of a custom moderation training job are, told from what DescribeProjectVersions returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pytest_visionfmt.values import class_of, show

__all__ = ["ModerationManifests", "moderation_manifests"]

_DESCRIPTIONS = "ProjectVersionDescriptions"
_Steps = tuple[str | int, ...]
_MANIFEST: _Steps = ("Assets", 0, "GroundTruthManifest", "S3Object")
_PLACES: dict[str, _Steps] = {
    "training_input": ("TrainingDataResult", "Input", *_MANIFEST),
    "testing_input": ("TestingDataResult", "Input", *_MANIFEST),
    "training_output": ("TrainingDataResult", "Output", *_MANIFEST),
    "testing_output": ("TestingDataResult", "Output", *_MANIFEST),
    "evaluation": ("EvaluationResult", "Summary", "S3Object"),
}


@dataclass(frozen=True, slots=True)
class ModerationManifests:
    """The files of one version of an adapter, each as ``s3://bucket/key``, None where the response names none.

    ``training_input`` and ``testing_input`` are of the format ``rekognition-input-record``,
    ``training_output`` and ``testing_output`` of ``rekognition-output-record``, and ``evaluation`` is a
    ``rekognition-evaluation``. ``project_version`` is the version's ARN.
    """

    project_version: str | None = None
    training_input: str | None = None
    testing_input: str | None = None
    training_output: str | None = None
    testing_output: str | None = None
    evaluation: str | None = None


def moderation_manifests(response: Mapping[str, Any], version: str | None = None) -> ModerationManifests:
    """Return where the manifests of a custom moderation adapter are.

    * ``response`` is what DescribeProjectVersions returns, as boto3 gives it.
    * ``version`` is the name of a version or its ARN; None takes the only one there is.

    A training job that still runs, or failed, has no outputs yet: what the response lacks is None.
    Where several versions of an object are kept in S3, the key says nothing of which: look for
    ``S3Object.Version`` in the response.

    Raises ``ValueError`` where the response is of another operation, where ``version`` is not in it,
    where it is None and there are several, and where an S3 object has no bucket or no name.
    """
    where, description = _described(response, version)
    arn = description.get("ProjectVersionArn")
    found = {name: _s3_url(description, steps, where) for name, steps in _PLACES.items()}
    return ModerationManifests(arn if isinstance(arn, str) else None, **found)


def _described(response: Mapping[str, Any], version: str | None) -> tuple[str, Mapping[str, Any]]:
    """Return the description of a version, with its place in the response."""
    descriptions: Any = response.get(_DESCRIPTIONS) if _is_object(response) else None
    if not _is_list(descriptions):
        raise ValueError(f"not a response of DescribeProjectVersions: it has no list {_DESCRIPTIONS}")
    places = {f"{_DESCRIPTIONS}[{i}]": description for i, description in enumerate(descriptions)}
    for place, description in places.items():
        if not _is_object(description):
            raise ValueError(f"{place} is {class_of(description)}; an object is wanted")
    names = [_name(description) for description in places.values()]
    there = f"There are: {', '.join(map(show, names)) or 'none'}."
    if response.get("NextToken"):
        there += " The response has a NextToken, so there are more on its next page."
    if version is None:
        if len(places) != 1:
            raise ValueError(f"the response describes {len(places)} versions: give the name or ARN of one. {there}")
        return next(iter(places.items()))
    for place, description in places.items():
        if version in (_name(description), description.get("ProjectVersionArn")):
            return place, description
    near = get_close_matches(version, names, n=1)
    hint = f" Did you mean {show(near[0])}?" if near else ""
    raise ValueError(f"the response describes no version {show(version)}.{hint} {there}")


def _name(description: Mapping[str, Any]) -> str:
    """Return the name of a version, which only its ARN holds: ``.../version/NAME/1700000000000``."""
    arn = description.get("ProjectVersionArn")
    return arn.partition("/version/")[2].partition("/")[0] if isinstance(arn, str) else ""


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _s3_url(description: Mapping[str, Any], steps: _Steps, where: str) -> str | None:
    found: Any = description
    for step in steps:
        wanted, right = ("a list", _is_list(found)) if isinstance(step, int) else ("an object", _is_object(found))
        if not right:
            raise ValueError(f"{where} is {class_of(found)}; {wanted} is wanted")
        try:
            found = found[step]
        except (KeyError, IndexError):
            return None
        where += f"[{step}]" if isinstance(step, int) else f".{step}"
    bucket, name = (found.get(key) if _is_object(found) else None for key in ("Bucket", "Name"))
    if not (bucket and isinstance(bucket, str) and name and isinstance(name, str)):
        raise ValueError(f"{where} needs Bucket and Name, both strings; it is {show(found)}")
    return f"s3://{bucket}/{name}"
