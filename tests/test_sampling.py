"""Samples are the same in every run and process, valid together, and each is told by its number alone."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from records import PROFILES, jsonl

from pytest_visionfmt import TABLE, Format, ImageClaim, check_bytes, check_record, samples
from pytest_visionfmt.byte_draws import drawn
from pytest_visionfmt.findings import Severity
from pytest_visionfmt.format import Profile
from pytest_visionfmt.locations import split_url

LINES = [format_.id for format_ in TABLE.values() if format_.unit == "jsonl"]
OD = "azure-od-record"


@pytest.mark.parametrize("format_id", LINES)
def test_many_check_clean_as_one_file(format_id: str, request: pytest.FixtureRequest) -> None:
    size = 1000 if request.config.getoption("--full") else 250
    assert check_bytes(jsonl(*samples(format_id, size)), format_id).findings == ()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TABLE)
def test_a_sample_does_not_depend_on_how_many_there_are(format_id: str, profile: Profile) -> None:
    many = samples(format_id, 25, seed=7, profile=profile)
    assert len(many) == 25
    for size in (0, 1, 9):
        assert samples(format_id, size, seed=7, profile=profile) == many[:size]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TABLE)
def test_few_are_valid_as_well(format_id: str, profile: Profile) -> None:
    for seed in range(3):
        values = samples(format_id, 2, seed=seed, profile=profile)
        if TABLE[format_id].unit == "jsonl":
            assert check_bytes(jsonl(*values), format_id, profile=profile).findings == ()
            assert check_bytes(jsonl(values[0]), format_id, profile=profile).findings == ()
        else:
            found = [finding for value in values for finding in check_record(value, format_id, profile=profile)]
            assert {finding.severity for finding in found} <= {Severity.NOTE}


def test_another_seed_makes_other_samples() -> None:
    assert samples(OD, 20) == samples(OD, 20, seed=0)
    others = samples(OD, 20, seed=1)
    assert not [value for value in samples(OD, 20) if value in others]


def test_samples_are_fresh() -> None:
    first = samples(OD, 2)
    first[0].clear()
    assert samples(OD, 2) != first


@pytest.mark.parametrize("format_id", LINES)
def test_images_are_named_by_the_numbers_of_their_records(format_id: str) -> None:
    format_ = TABLE[format_id]
    assert format_.image_claim
    endings = set()
    for number, value in enumerate(samples(format_id, 40)):
        claim = format_.image_claim(value)
        assert claim
        stem, _, ending = split_url(claim.url)[1].rpartition("/")[2].rpartition(".")
        assert stem == str(number)
        endings.add(ending)
    assert len(endings) > 2


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[2])
if len(sys.argv) > 3:
    import constants
from hypothesis import strategies as st
from pytest_visionfmt import write_samples
from pytest_visionfmt.byte_draws import drawn
print(drawn(st.integers(0, 1 << 16), range(300), "seed"))
for format_id in ("azure-is-record", "rekognition-output-record"):
    write_samples(f"{sys.argv[1]}/{format_id}", format_id, 15, seed=5, invalid=3)
"""
# Hypothesis itself would draw these where a module that is loaded has them.
CONSTANTS = (
    f"A = {[*range(0, 1 << 16, 97)]}\nB = {[bytes([n]) * 40 for n in range(60)]}\nC = {[n / 7 for n in range(99)]}"
)


def test_two_processes_write_the_same_bytes_whatever_else_they_load(tmp_path: Path) -> None:
    (tmp_path / "constants.py").write_text(CONSTANTS)
    trees: list[dict[str, bytes]] = []
    values = []
    for hash_seed, extra in (("1", []), ("2", ["constants"])):
        root = tmp_path / hash_seed
        command = [sys.executable, "-c", SCRIPT, str(root), str(tmp_path), *extra]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        values.append(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout)
        files = (path for path in sorted(root.rglob("*")) if path.is_file())
        trees.append({path.relative_to(root).as_posix(): path.read_bytes() for path in files})
    assert values[0] == values[1]
    assert trees[0] == trees[1]
    assert len(trees[0]) > 20


# Formats of one's own.

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["image"],
    "properties": {"image": {"type": "string", "pattern": "^s3://b/[a-z]+/[a-z0-9]+[.]png$"}},
}


def claim_of(value: Any) -> ImageClaim | None:
    return ImageClaim(value["image"], ("image",)) if isinstance(value, dict) and "image" in value else None


MINE = Format("mine", "t", "s", "jsonl", {"documented": SCHEMA}, (), image_claim=claim_of)


def test_a_format_of_ones_own_has_numbered_images_too() -> None:
    urls = [value["image"] for value in samples(MINE, 20)]
    assert [url.rpartition("/")[2] for url in urls] == [f"{number}.png" for number in range(20)]
    assert len({url.rpartition("/")[0] for url in urls}) > 1


def test_an_image_keeps_its_name_where_the_schema_takes_no_number() -> None:
    properties = {"image": {"type": "string", "pattern": "^s3://b/[a-z]+/[a-z]+[.]png$"}}
    lettered = replace(MINE, schemas={"documented": {**SCHEMA, "properties": properties}})
    values = samples(lettered, 20)
    assert not any(check_record(value, lettered) for value in values)
    assert not any(letter.isdigit() for value in values for letter in value["image"][4:])


def test_a_strategy_that_draws_nothing_is_an_error() -> None:
    barren = replace(MINE, id="barren", draw=lambda format, profile: st.just({}).filter(lambda value: False))
    with pytest.raises(Unsatisfiable, match="draws no value"):
        samples(barren, 1)


# Drawing from bytes.


def test_a_value_that_takes_many_bytes_is_drawn() -> None:
    (found,) = drawn(st.binary(min_size=8000, max_size=8000), [3], "seed")
    assert len(found) == 8000


def test_what_a_filter_refuses_is_drawn_again() -> None:
    assert all(found < 50 for found in drawn(st.integers(0, 255).filter(lambda number: number < 50), range(20), "a"))


def test_values_are_told_by_their_numbers() -> None:
    numbers = st.integers(0, 1 << 64)
    assert drawn(numbers, [5, 2], "a") == [*drawn(numbers, [5], "a"), *drawn(numbers, [2], "a")]
    assert drawn(numbers, [5], "a") != drawn(numbers, [5], "b")


@settings(max_examples=3)
@given(st.integers(0, 3))
def test_samples_are_drawn_within_a_test_of_hypothesis(seed: int) -> None:
    assert samples(OD, 3, seed=seed) == samples(OD, 5, seed=seed)[:3]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"format": "azure-od-rekord"}, "unknown format 'azure-od-rekord'. Did you mean 'azure-od-record'?"),
    ({"size": -1}, "size=-1 is negative"),
    ({"size": 2.0}, "size=2.0 is not an integer"),
    ({"seed": "a"}, "seed='a' is not an integer"),
    ({"profile": "page"}, "unknown profile 'page'"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_argument_is_an_error(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        samples(**{"format": OD, "size": 3, **arguments})
