"""``visionfmt grade``: import a validator by name and measure it."""

from __future__ import annotations

import argparse
import builtins
from importlib import import_module
from typing import Any

from pytest_visionfmt.commands import Unusable
from pytest_visionfmt.format import Format
from pytest_visionfmt.grading import Grade, grade

__all__ = ["graded"]


def graded(format_: Format, options: argparse.Namespace) -> Grade:
    """Return the grade of the validator that a call names. Raises ``Unusable``."""
    validate = _imported(options.validator)
    if not callable(validate):
        raise Unusable(f"{options.validator!r} is a {type(validate).__name__}, not a function")
    raises = tuple(map(_exception, options.raises or ("ValueError",)))
    try:
        return grade(
            validate,
            format_,
            rules=options.rule,
            raises=raises,
            profile=options.profile,
            files=options.files,
            draws=options.draws,
        )
    except ValueError as error:
        raise Unusable(str(error)) from None


def _imported(name: str) -> Any:
    module, colon, attribute = name.partition(":")
    if not colon:
        raise Unusable(f"{name!r} is no package.module:function")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:  # a module may raise anything when it is imported
        raise Unusable(f"{name!r} cannot be imported: {error}") from error


def _exception(name: str) -> type[BaseException]:
    found = _imported(name) if ":" in name else getattr(builtins, name, None)
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise Unusable(f"{name!r} is no exception")
    return found
