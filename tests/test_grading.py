"""Measuring validators: what they catch, let through and fall over, and that ours misses nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from records import REQUESTS, profiles_of
from test_breaches import BOTH, FORMATS, NOT_OF_CONTENT, bad_cases, breakable, findings_in, found

from pytest_visionfmt import (
    TABLE,
    Format,
    InvalidFile,
    InvalidRecord,
    Severity,
    assert_accepts,
    assert_rejects,
    assert_valid,
    check_bytes,
    check_record,
    grade,
    invalid_files,
)
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.format import File, Profile, Rule

OD = "azure-od-record"
SCORING, XAI = REQUESTS
# A column more is one too many, and its name one that is not allowed; and one more that is called image is not the
# only one. So neither is an error alone. A twenty-first threshold is one of the twenty again, or none of them.
NEVER_ALONE = {(SCORING, "VF603"), (SCORING, "VF608"), (XAI, "VF608"), ("rekognition-evaluation", "VF608")}
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


class Refused(Exception):
    """What the validators of these tests raise, which is no ValueError."""


def checker(format_: Format, profile: Profile = "documented", *, files: bool = False) -> Callable[[Any], None]:
    """Return our own checker as a validator that raises where there is an error."""

    def validate(value: Any) -> None:
        if files:
            findings = check_bytes(value, format_, profile=profile).findings
        else:
            findings = check_record(value, format_, profile=profile)
        if any(finding.severity == Severity.ERROR for finding in findings):
            raise Refused

    return validate


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_our_own_checker_rejects_every_breach_and_accepts_what_is_valid(format_: Format, profile: Profile) -> None:
    for files in (False, True):
        validate = checker(format_, profile, files=files)
        assert_rejects(validate, format_, raises=Refused, profile=profile, files=files, draws=10)
        assert_accepts(validate, format_, raises=Refused, profile=profile, files=files, draws=10)


@cache
def errors_of(format_: Format, profile: Profile, *, files: bool) -> dict[str, tuple[str, frozenset[str]]]:
    """Return, for every case, the rule that it breaks and all codes of which it has an error."""
    errors = {}
    for case in invalid_files(format_, profile=profile) if files else bad_cases(format_, profile):
        if isinstance(case, InvalidFile):
            findings = findings_in(case, format_, profile)
        else:
            findings = found(format_, profile)[case.breach]
        codes = frozenset(finding.code for finding in findings if finding.severity == Severity.ERROR)
        errors[case.breach] = (case.rule, codes)
    return errors


@pytest.mark.parametrize(
    ("format_", "rule"),
    [
        pytest.param(f, rule, id=f"{f.id}-{rule.code}")
        for f in FORMATS
        for rule in breakable(f)
        if rule.verdict.documented and rule.verdict.documented.severity == Severity.ERROR
    ],
)
def test_our_own_checker_without_a_rule_lets_exactly_its_breaches_through(format_: Format, rule: Rule) -> None:
    # A rule that says more than a broader one leaves the breach to that one, so both are left out.
    left_out = {rule.code, *rule.replaces}
    lesser = replace(format_, rules=tuple(other for other in format_.rules if other.code not in left_out))
    let_through = set()
    for profile in profiles_of(format_):
        for files in (False, True):
            errors = errors_of(format_, profile, files=files)
            expected = {breach for breach, (_, codes) in errors.items() if codes <= left_out}
            # What has no error of the rules left out is refused as before.
            rules = {broken for broken, codes in errors.values() if codes & left_out}
            options: Any = {"rules": rules, "raises": Refused, "profile": profile, "files": files}
            validate = checker(lesser, profile, files=files)
            graded = grade(validate, format_, **options, draws=0, valid=False).breaches if rules else ()
            passed = {row.breach for row in graded if row.outcome != "rejected"}
            assert passed & errors.keys() == expected
            let_through |= {errors[breach][0] for breach in expected}
    assert rule.code in let_through or rule.code in only_warns(format_) or (format_.id, rule.code) in NEVER_ALONE
    assert let_through <= left_out


def only_warns(format_: Format) -> set[str]:
    """Return the rules that are no error at any place of a format."""
    rows = [errors_of(format_, profile, files=files) for profile in profiles_of(format_) for files in (False, True)]
    return {rule.code for rule in format_.rules} - {rule for row in rows for rule, _ in row.values()}


def test_what_is_rejected_by_raising_or_by_returning_false() -> None:
    for validate in (checker(TABLE[OD]), lambda value: not has_error(value), raising):
        assert_rejects(validate, OD, raises=(Refused, InvalidRecord), draws=10)
    with pytest.raises(AssertionError, match=r"0 of [0-9]+ breaches caught, [0-9]+ let through, 0 crashed"):
        assert_rejects(lambda value: None if has_error(value) else False, OD, draws=0)


def has_error(value: Any) -> bool:
    return any(finding.severity == Severity.ERROR for finding in check_record(value, OD))


def raising(value: Any) -> None:
    assert_valid(value, OD)


def test_the_table_says_what_is_caught_let_through_and_crashed() -> None:
    def validate(record: Any) -> None:
        for box in record["label"]:
            if box["topX"] > box["bottomX"]:
                raise ValueError

    with pytest.raises(AssertionError) as caught:
        assert_rejects(validate, OD, rules=["box-order", "VF601"])
    lines = str(caught.value).splitlines()
    assert lines[:5] == [
        "azure-od-record: 3 of 16 breaches caught, 10 let through, 3 crashed",
        "",
        "rule               caught  let through  crashed",
        "VF104 box-order         3            6        0",
        "VF601 missing-key       0            4        3",
    ]
    assert "let through: VF104 box-order" in lines
    at = lines.index("  $.label[*]: topX and bottomX equal [object-dropped]")
    assert lines[at + 1].startswith('    $.label[0]: {"label": "cat", "topX": 0.26, ')
    at = lines.index('  $.label[*]: "topX" missing [image-skipped]')
    assert lines[at + 1] == "    KeyError: 'topX'"


def test_a_validator_that_looks_at_the_first_object_only_is_found_out_by_drawing() -> None:
    def validate(record: Any) -> None:
        assert_valid({**record, "label": record["label"][:1]}, OD)

    assert_rejects(validate, OD, rules=["above-maximum"], raises=InvalidRecord, draws=0)
    with pytest.raises(AssertionError, match="let through: VF606"):
        assert_rejects(validate, OD, rules=["above-maximum"], raises=InvalidRecord)
    graded = grade(validate, OD, rules=["above-maximum"], raises=InvalidRecord, valid=False)
    for row in graded.of("accepted"):
        assert len(row.example["label"]) == 2  # as few as show it
        assert row.where.startswith("$.label[1]")


def test_a_validator_may_change_what_it_is_given() -> None:
    def validate(value: Any) -> None:
        broken = has_error(value)
        if isinstance(value, dict):
            value.clear()
        if broken:
            raise Refused

    assert_rejects(validate, OD, raises=Refused, draws=10)


def test_what_is_valid_and_refused_is_shown_as_small_as_can_be() -> None:
    def validate(record: Any) -> None:
        if any(len(box["label"]) > 1 for box in record["label"]):
            raise ValueError("long names are odd")

    with pytest.raises(AssertionError, match=r"^valid and not accepted:\n  example 1 of the schema\n") as caught:
        assert_accepts(validate, OD)
    assert "  a drawn record\n" in str(caught.value)
    assert "  edge case " in str(caught.value)
    assert '"label": [{"label": "' in str(caught.value).splitlines()[-1]
    assert len(str(caught.value).splitlines()[-1]) < 160  # one box, nothing else
    with pytest.raises(AssertionError, match="KeyError: 'labels'"):
        assert_accepts(lambda record: record["labels"], OD)
    assert_accepts(lambda record: record["label"], OD)  # falsy, and not False


def test_a_file_validator_is_shown_the_line() -> None:
    def validate(content: bytes) -> None:
        for line in content.decode("utf-8-sig").split("\n"):
            if line.strip():
                json.loads(line)

    with pytest.raises(AssertionError) as caught:
        assert_rejects(validate, OD, files=True, rules=["duplicate-key", "not-a-number", "invalid-json"])
    assert "let through: VF011 duplicate-key" in str(caught.value)
    assert "VF010 invalid-json" in str(caught.value)
    assert "let through: VF010" not in str(caught.value)
    assert_accepts(validate, OD, files=True)


def test_wrong_arguments_are_errors() -> None:
    def validate(value: Any) -> bool:
        return False

    with pytest.raises(ValueError, match="Did you mean 'azure-od-record'"):
        assert_rejects(validate, "azure-od-rekord")
    with pytest.raises(ValueError, match="Did you mean 'box-order'"):
        assert_rejects(validate, OD, rules=["box-ordr"])
    with pytest.raises(ValueError, match="nothing breaks these rules of azure-od-record in the reader profile"):
        assert_rejects(validate, OD, rules=["unknown-key"], profile="reader")
    with pytest.raises(ValueError, match="unknown profile 'page'"):
        assert_accepts(validate, OD, profile="page")  # type: ignore[arg-type]


def test_the_rules_over_files_are_left_out_above_and_here() -> None:
    for format_ in FORMATS:
        breakable_names = {rule.name for rule in breakable(format_)}
        assert not breakable_names & NOT_OF_CONTENT
        assert {rule.name for rule in format_.rules if isinstance(rule.look, File)} <= breakable_names


# The command line.


@pytest.fixture
def validators(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "graded_validators.py").write_text(
        "from pytest_visionfmt import InvalidRecord, assert_valid\n"
        "def good(record):\n    assert_valid(record, 'azure-od-record')\n"
        "def blind(record):\n    return None\n"
        "def deaf(record):\n    return False\n"
        "NAME = 'x'\n"
    )


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["grade", OD, *arguments, "--draws", "10"])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.usefixtures("validators")
def test_grade_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "graded_validators:good", "--raises", "pytest_visionfmt:InvalidRecord")
    assert code == 0
    assert "breaches caught, 0 let through, 0 crashed" in out
    code, out, _ = run(capsys, "graded_validators:blind", "--rule", "VF104")
    assert code == 1
    assert out.startswith("azure-od-record: 0 of 9 breaches caught, 9 let through, 0 crashed\n")
    code, out, _ = run(capsys, "graded_validators:deaf", "--profile", "reader")
    assert code == 1
    assert "valid and not accepted:\n  example 1 of the schema\n" in out


@pytest.mark.usefixtures("validators")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["graded_validators"], "'graded_validators' is no package.module:function"),
        (["graded_validators:none"], "'graded_validators:none' cannot be imported: "),
        (["graded_validators:NAME"], "'graded_validators:NAME' is a str, not a function"),
        (["graded_validators:good", "--rule", "box-ordr"], "Did you mean 'box-order'"),
        (["graded_validators:good", "--raises", "Nope"], "'Nope' is no exception"),
        (["graded_validators:good", "--raises", "graded_validators:NAME"], "'graded_validators:NAME' is no exception"),
    ],
)
def test_a_wrong_call_is_exit_2(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert message in err


# The worked example.


def test_the_tests_of_the_worked_example_hold(pytester: pytest.Pytester) -> None:
    for name in ("naive_validator.py", "test_naive_validator.py"):
        pytester.path.joinpath(name).write_text((EXAMPLES / name).read_text())
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_the_page_measures_the_worked_example() -> None:
    page = (EXAMPLES.parent / "docs/how-to/measure-a-validator.md").read_text(encoding="utf-8")
    assert (EXAMPLES / "naive_validator.py").read_text() in page
