"""The records that tests begin from, and the reference validator that judges them from outside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.validators import extend

from pytest_visionfmt.format import Format, Profile

EXAMPLES = Path(__file__).parent / "examples"
SAMPLES = Path(__file__).parent / "document_samples"
URL = (
    "azureml://subscriptions/my-subscription-id/resourcegroups/my-resource-group/workspaces/my-workspace"
    "/datastores/my-datastore/paths/image_data/"
)
TRAINING = ("azure-multiclass-record", "azure-multilabel-record", "azure-od-record", "azure-is-record")
REQUESTS = ("azure-scoring-request", "azure-xai-request")
PROFILES: tuple[Profile, ...] = ("documented", "reader")


def box(label: Any = "can", **changes: Any) -> dict[str, Any]:
    return {"label": label, "topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.8, **changes}


def outline(label: Any = "can", **changes: Any) -> dict[str, Any]:
    return {"polygon": [[0.1, 0.1, 0.5, 0.1, 0.5, 0.5]], "label": label, **changes}


def record(label: Any, name: str = "1.jpg", **changes: Any) -> dict[str, Any]:
    return {"image_url": URL + name, "label": label, **changes}


def profiles_of(format_: Format) -> tuple[Profile, ...]:
    """Return the profiles of a format, one where the other has the same schema and the same verdicts."""
    verdicts = [*format_.verdicts.values(), *(format_.verdict(rule, "", ()) for rule in format_.rules)]
    alike = "reader" not in format_.schemas and all(verdict.documented == verdict.reader for verdict in verdicts)
    return PROFILES[:1] if alike else PROFILES


LABELS: dict[str, Any] = {
    "azure-multiclass-record": "can",
    "azure-multilabel-record": ["can", "carton"],
    "azure-od-record": [box()],
    "azure-is-record": [outline()],
}


def jsonl(*records: Any) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in records).encode()


def _ecma_pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    # JSON Schema's patterns are ECMA-262, where $ is the end; Python's $ forgives a last newline.
    ecma = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)
    if isinstance(instance, str) and not re.search(ecma, instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def _content_schema(validator: Any, content: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    # JSON Schema leaves it to the application whether what a string holds is judged.
    if isinstance(instance, str):
        try:
            held = json.loads(instance)
        except ValueError:
            yield jsonschema.ValidationError(f"{instance!r} holds no JSON")
        else:
            yield from validator.descend(held, content)


_Reference: Any = extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": _ecma_pattern}
)
_ReferenceInside: Any = extend(  # type: ignore[no-untyped-call]
    _Reference, {"contentSchema": _content_schema}
)


def reference(format_: Format, profile: Profile = "documented", *, inside: bool = False) -> Any:
    """Return the reference implementation's validator of a format; ``inside`` has it judge JSON in strings as well."""
    return (_ReferenceInside if inside else _Reference)(dict(format_.schema(profile)))
