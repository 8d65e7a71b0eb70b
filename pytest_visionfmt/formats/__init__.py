"""The table of formats: every documented format once, by its id."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import azure_requests, azure_responses, azure_training, rekognition

__all__ = ["TABLE", "UnknownFormat", "imported", "named"]

_FAMILIES = (azure_training, azure_requests, azure_responses, rekognition)
TABLE: dict[str, Format] = {format_.id: format_ for family in _FAMILIES for format_ in family.FORMATS}


class UnknownFormat(ValueError):
    """There is no format of that id; the message lists those there are and suggests the nearest."""


def named(format: str | Format) -> Format:
    """Return the format of an id; a ``Format`` is returned as it is.

    Raises ``UnknownFormat`` (a ``ValueError``) for an id that is not in the table.
    """
    if isinstance(format, Format):
        return format
    if found := TABLE.get(format):
        return found
    near = get_close_matches(str(format), TABLE, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UnknownFormat(f"unknown format {format!r}.{hint} There are: {', '.join(TABLE)}")


def imported(name: str) -> Format:
    """Return the format of an id, or the user's own that ``package.module:NAME`` means.

    Raises ``ValueError`` where there is no such id, module or name, or the name is no ``Format``.
    """
    module, colon, attribute = name.partition(":")
    if not colon:
        return named(name)
    try:
        found = getattr(import_module(module), attribute)
    except Exception as error:  # a module may raise anything when it is imported
        raise UnknownFormat(f"format {name!r} cannot be imported: {error}") from error
    if not isinstance(found, Format):
        raise UnknownFormat(f"{name!r} is a {type(found).__name__}, not a Format")
    return found
