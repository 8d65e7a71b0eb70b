"""The strategies of Azure AutoML requests to an endpoint: for predictions alone, and for explanations with them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pytest_visionfmt.draws.azure_requests import RequestArguments, draw_request
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.strategies.arguments import check_bounds, check_choices, check_profile, check_strategies

__all__ = ["azure_scoring_request", "azure_xai_request"]


def _drawn(draw: st.DrawFn, id_: str, profile: Profile, arguments: RequestArguments) -> dict[str, Any]:
    """Check the arguments that both formats share, and draw a request of the table's format."""
    check_profile(profile)
    check_strategies(image_sizes=arguments.image_sizes)
    check_choices(
        nested=arguments.nested, with_index=arguments.with_index, model_explainability=arguments.model_explainability
    )
    return draw_request(draw, named(id_), profile, arguments)


@st.composite
def azure_scoring_request(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 3,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    nested: bool | None = None,
    with_index: bool | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML scoring requests: images as base64 text in a table of one column.

    * ``min_images`` and ``max_images`` bound how many images are asked about, at least one.
    * ``image_sizes`` draws pairs ``(width, height)`` in pixels; by default images have 1 to 768 pixels.
    * ``nested`` says whether each row is a list around its image: ``True``, ``False``, or ``None`` for either.
    * ``with_index`` says whether the table numbers its rows, one of them 0: ``True``, ``False``, or ``None`` for
      either.
    * ``profile`` says who must accept the request: the ``"documented"`` page and the service's wrapper
      both, or the ``"reader"``, that wrapper, alone, which also takes further columns, any names of rows beside 0
      and more keys.

    Images are black, real and decodable: PNG, JPEG, BMP or TIFF. Their base64 is one line or, as
    ``base64.encodebytes`` writes it, several. Requests shrink to one PNG image of 1 x 1 pixels in one line, rows that
    are no lists, and no index. Wrong or contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Data schema for online scoring.
    """
    check_bounds("min_images", min_images, "max_images", max_images, least=1)
    arguments = RequestArguments((min_images, max_images), image_sizes, nested, with_index)
    return _drawn(draw, "azure-scoring-request", profile, arguments)


@st.composite
def azure_xai_request(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 3,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    nested: bool | None = None,
    with_index: bool | None = None,
    model_explainability: bool | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML explainability requests: each row is JSON inside a string.

    * ``min_images`` and ``max_images`` bound how many images are asked about, at least one.
    * ``image_sizes`` draws pairs ``(width, height)`` in pixels; by default images have 1 to 768 pixels.
    * ``nested`` says whether each row is a list around its JSON: ``True``, ``False``, or ``None`` for either.
    * ``with_index`` says whether the table numbers its rows, one of them 0: ``True``, ``False``, or ``None`` for
      either.
    * ``model_explainability`` says whether explanations are asked for: ``True``, ``False`` (the key may then be
      absent, which means the same), or ``None`` for either.
    * ``profile`` says who must accept the request: the ``"documented"`` page and the service's wrapper
      both, or the ``"reader"``, that wrapper, alone, which also takes ``model_explainability`` as ``"yes"`` or 1,
      a threshold as a numeric string or outside [0, 1], three parameters that the page does not name, further
      columns and more keys.

    All rows ask for the same, in the row of index 0 alone or in each: the wrapper takes from that row what to explain.
    Any of the four algorithms is drawn; ``guided_gradcam`` gives a note, for ViT models do not support it. The
    threshold is a ratio in [0, 1]. Images are as in ``azure_scoring_request``. Requests shrink to one image of 1 x 1
    pixels and nothing beside it, rows that are no lists, and no index. Wrong or contradictory arguments raise
    ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Data format for online scoring and explainability (XAI).
    """
    check_bounds("min_images", min_images, "max_images", max_images, least=1)
    arguments = RequestArguments((min_images, max_images), image_sizes, nested, with_index, model_explainability)
    return _drawn(draw, "azure-xai-request", profile, arguments)
