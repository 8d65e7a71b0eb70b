"""Records from a source that knows nothing of this package are judged as the reference validator judges them.

With ``--full`` hypothesis-jsonschema draws them, in an environment of its own. Else they are the examples of
the schemas, each changed at every place.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from draw_by_schema import draw_in_own_environment, lines_file
from records import profiles_of, reference

from pytest_visionfmt import SCHEMA_RULES, TABLE, check_record
from pytest_visionfmt.accepting import acceptor_of
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.json_paths import INSIDE, value_at
from pytest_visionfmt.json_paths import Path as Place
from pytest_visionfmt.schema_nodes import Node, nodes_of

DRAWN = 100
SOURCES = [(format_, profile) for format_ in TABLE.values() for profile in profiles_of(format_)]
# Schema keywords. Unknown and misspelt keys are no matter of JSON Schema.
KEYWORDS = {rule.code for rule in SCHEMA_RULES} - {"VF612", "VF613"}


@pytest.fixture(scope="session")
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """The folder of the drawn records; None at the everyday size."""
    if not request.config.getoption("--full"):
        return None
    folder = tmp_path_factory.mktemp("drawn")
    draw_in_own_environment(folder, DRAWN)
    return folder


def records_of(format_: Format, profile: Profile, drawn: Path | None) -> list[Any]:
    if drawn is None:
        root = nodes_of(format_, profile)
        return [*examples(root), *(changed for example in root.examples for changed in changes(example))]
    name = format_.schemas.get(profile, format_.schemas["documented"])
    assert isinstance(name, str)
    return [json.loads(line) for line in lines_file(drawn, name).read_text(encoding="utf-8").splitlines()]


def examples(root: Node) -> Iterator[Any]:
    """Yield the examples of a schema, and those of every place below put into them."""
    for example in root.examples:
        yield example
        for place in places(example):
            for other in getattr(root.at(place), "examples", ()):
                yield put(example, place, other)


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Yield the places of a value; of a list, those of its first item, for all its items are of one schema."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for step, below in members:
        yield (*above, step)
        yield from places(below, (*above, step))


def put(value: Any, place: Place, new: Any) -> Any:
    value = copy.deepcopy(value)
    value_at(value, place[:-1])[place[-1]] = copy.deepcopy(new)
    return value


ODD: tuple[Any, ...] = (None, True, -1, 0.5, 2, "", "a", "0.5", [], {}, [[]], [None], "400px\n")


def changes(value: Any) -> Iterator[Any]:
    """Yield a value, and that value with something odd at every place, or nothing."""
    yield value
    for place in places(value):
        yield from (put(value, place, odd) for odd in ODD)
        less = copy.deepcopy(value)
        del value_at(less, place[:-1])[place[-1]]
        yield less


@pytest.mark.parametrize(("format_", "profile"), SOURCES, ids=lambda value: getattr(value, "id", value))
def test_the_reference_validator_and_ours_agree(format_: Format, profile: Profile, drawn: Path | None) -> None:
    validator = reference(format_, profile)
    acceptor = acceptor_of(format_, profile)
    judged = {True: 0, False: 0}
    for value in records_of(format_, profile, drawn):
        findings = check_record(value, format_, profile=profile)
        # What a string holds is no matter of the reference validator, which passes over contentSchema.
        codes = {finding.code for finding in findings if INSIDE.value not in finding.path}
        if codes & {"VF014", "VF015"}:  # an integer beyond 64 bits is no value to judge any more
            continue
        valid = validator.is_valid(value)
        judged[valid] += 1
        if acceptor and acceptor.accepts(json.dumps(value).encode()):
            assert findings == (), value
        assert not codes & KEYWORDS if valid else codes, value
    if drawn is None:
        # A document has fewer places, and is seldom valid with something odd in one.
        assert judged[True] > (20 if format_.unit == "jsonl" else 5)
        assert judged[False] > 20
    else:  # what is drawn by a schema is valid by it
        # Of an evaluation few are drawn; of the others most hold no integer beyond 64 bits.
        assert judged[True] >= (1 if format_.id == "rekognition-evaluation" else DRAWN // 2)


def test_a_record_that_is_judged_otherwise_is_seen() -> None:
    validator = reference(TABLE["azure-od-record"], "reader")
    record = {"image_url": "https://h/1.jpg", "label": []}
    assert validator.is_valid(record)
    assert {finding.code for finding in check_record(record, "azure-od-record")} & KEYWORDS
