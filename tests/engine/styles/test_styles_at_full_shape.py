"""Styles on FLUX.1-dev, true in shape and type, on a device that holds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers import FluxTransformer2DModel
from torch import Tensor, nn

from studio.engine.network.style_rows import StackedTerm
from studio.engine.network.transformer import RegionalTransformer
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.styles.rows import SceneStyles
from studio.scene.style import Style, StyleName
from tests.engine.test_flux_shape import HALF, ISOLATED, META, Watch, latents, tokens

RANK = 16
WHOLE, REGIONAL = Style(StyleName("oil", "0" * 32), 0.6), Style(StyleName("ink", "1" * 32), -1.0)


class EveryLayer:
    """As many terms as there are layers, for as many styles as are asked for."""

    def __init__(self, flux: nn.Module) -> None:
        self.flux = flux

    def stacked(
        self, styles: Sequence[Style], device: torch.device, dtype: torch.dtype
    ) -> Mapping[str, StackedTerm]:
        rank = RANK * len(styles)
        owner = torch.empty(rank, dtype=torch.long, device=device)

        def values(*shape: int) -> Tensor:
            return torch.empty(*shape, dtype=dtype, device=device)

        return {
            name: StackedTerm(
                values(rank, each.in_features), values(each.out_features, rank), owner
            )
            for name, each in self.flux.named_modules()
            if isinstance(each, nn.Linear)
        }


@pytest.fixture(scope="module")
def flux() -> FluxTransformer2DModel:
    with META:
        built: Any = FluxTransformer2DModel(guidance_embeds=True)
    return built.to(HALF).eval().requires_grad_(False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "styles",
    [
        SceneStyles((WHOLE,), (None, None, None)),
        SceneStyles((WHOLE,), (None, REGIONAL, None)),
    ],
    ids=["whole", "region"],
)
def test_a_styled_step_stays_on_its_device_and_in_its_precision(
    flux: FluxTransformer2DModel, styles: SceneStyles
) -> None:
    shown = [replace(tokens(flux), styles=styles), replace(tokens(flux), global_text=None)]
    library = EveryLayer(flux)
    for batch in (shown[:1], shown):
        asked = assembled(flux, batch, library)
        sigma = torch.full((len(batch),), 0.6, device=META)
        with torch.no_grad(), Watch() as watch:
            velocity = RegionalTransformer(flux)(latents(len(batch)), sigma, asked)
        assert velocity.shape == (len(batch), 1024, 64)
        assert (velocity.device, velocity.dtype) == (META, HALF)
        assert watch.wrong == []
        assert watch.seen["linear"] > 3 * (19 * 12 + 38 * 5)


def assembled(flux: Any, batch: list[SceneTokens], library: EveryLayer) -> Any:
    guidance = torch.full((len(batch),), 3.5, device=META)
    return assemble(flux, batch, ISOLATED, guidance, library=library)
