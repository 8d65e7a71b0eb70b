"""The strategy of any format: of the table's by its family's draws, of a user's own by its schema."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from pytest_visionfmt.draws import DRAWS
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.schema_strategies import Compiler, decode_record
from pytest_visionfmt.strategies.arguments import check_profile
from pytest_visionfmt.value_decoders import Decoder

__all__ = ["record"]


@lru_cache(maxsize=64)
def _by_schema_alone(format_: Format, profile: Profile) -> Decoder:
    return Compiler().compile(nodes_of(format_, profile))


def record(format: str | Format, *, profile: Profile = "documented") -> st.SearchStrategy[Any]:
    """Return a strategy for the records of any format, by its id or as a ``Format``.

    A format of the table gets its family's draws. A user's own is drawn by its ``draw``, called as
    ``draw(format, profile=profile)``, or else by its schema alone. Raises ``UnknownFormat`` (a
    ``ValueError``) at once for an id that is not in the table.
    """
    format_ = named(format)
    if format_.id not in DRAWS and format_.draw is not None:
        strategy: st.SearchStrategy[Any] = format_.draw(format_, profile=profile)
        return strategy

    # The strategy is shown as the call that made it, with the id for a format that is a value.
    @st.composite
    def record(draw: st.DrawFn, format: str, *, profile: Profile) -> Any:
        check_profile(profile)
        if family := DRAWS.get(format_.id):
            return family(draw, format_, profile)
        return decode_record(_by_schema_alone(format_, profile), draw)

    return record(format_.id, profile=profile)
