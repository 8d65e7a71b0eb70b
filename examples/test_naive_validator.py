"""Measuring a validator: what the one in ``naive_validator`` catches, and what it does not."""

from naive_validator import validate

from pytest_visionfmt import assert_accepts, grade


def test_the_naive_validator_accepts_what_is_valid() -> None:
    assert_accepts(validate, "azure-od-record")


def test_the_naive_validator_is_as_good_as_it_is() -> None:
    found = grade(validate, "azure-od-record")
    let_through = {row.rule for row in found.of("accepted")}
    # Boxes without an area, polygons that override the box, and all that is wrong with classes.
    assert {"VF102", "VF104", "VF108", "VF109", "VF110", "VF603"} <= let_through
    # It compares before it looks: a coordinate that is no number is a TypeError.
    assert {row.why.partition(":")[0] for row in found.of("crashed")} == {"TypeError", "AttributeError"}
