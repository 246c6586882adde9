"""Low-rank terms: what an adapter adds to a linear layer, and what contour tokens add to that."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LowRank(nn.Module):
    """x -> up(down(x)); the published adapters have alpha = rank, so the scale is 1."""

    def __init__(self, down: Tensor, up: Tensor) -> None:
        super().__init__()
        self.down = nn.Parameter(down)  # (rank, inputs)
        self.up = nn.Parameter(up)  # (outputs, rank)

    @classmethod
    def build(cls, inputs: int, outputs: int, rank: int) -> LowRank:
        """A fresh trainable term that adds nothing yet (up is zero), as peft starts one."""
        down = torch.empty(rank, inputs)
        nn.init.kaiming_uniform_(down, a=5**0.5)
        return cls(down, torch.zeros(outputs, rank))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(F.linear(x, self.down), self.up)

    def dense(self) -> Tensor:
        """(outputs, inputs): the weight change this term stands for, computed in float32."""
        return self.up.float() @ self.down.float()


def difference(mine: LowRank | None, other: LowRank | None) -> LowRank | None:
    """`mine` minus `other` as one term: what turns the other's output into mine."""
    if other is None:
        return mine
    if mine is None:
        return LowRank(other.down.detach(), -other.up.detach())
    return LowRank(
        torch.cat([mine.down.detach(), other.down.detach()]),
        torch.cat([mine.up.detach(), -other.up.detach()], dim=1),
    )


class ContourTerms(nn.Module):
    """The low-rank terms that contour tokens add, by layer name ("x_embedder", ...).

    A name is a module path inside FluxTransformer2DModel. Layers without a term are absent.
    """

    def __init__(self, terms: dict[str, LowRank] | None = None) -> None:
        super().__init__()
        self.terms = nn.ModuleDict()
        for name, term in (terms or {}).items():
            self.terms[_key(name)] = term

    @classmethod
    def build(cls, flux: nn.Module, rank: int) -> ContourTerms:
        """Fresh trainable terms on x_embedder and every image-stream linear of the blocks."""
        linears = ((name, module) for name, module in flux.named_modules() if is_contour_site(name))
        return cls(
            {
                name: LowRank.build(linear.in_features, linear.out_features, rank)
                for name, linear in linears
                if isinstance(linear, nn.Linear)
            }
        )

    def within(self, prefix: str) -> dict[str, LowRank]:
        """The terms of one block, by the name of the layer inside it."""
        start = _key(prefix + ".")
        return {
            _name(key[len(start) :]): term  # type: ignore[misc]
            for key, term in self.terms.items()
            if key.startswith(start)
        }

    def get(self, name: str) -> LowRank | None:
        return self.terms._modules.get(_key(name))  # type: ignore[return-value]

    def named(self) -> dict[str, LowRank]:
        return {_name(key): term for key, term in self.terms.items()}  # type: ignore[misc]


_DOUBLE_SITES = ("norm1.linear", "attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out.0")
_DOUBLE_MLP_SITES = ("ff.net.0.proj", "ff.net.2")
_SINGLE_SITES = ("norm.linear", "attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp", "proj_out")


def is_contour_site(name: str) -> bool:
    """Whether a layer of FluxTransformer2DModel serves contour tokens."""
    if name == "x_embedder":
        return True
    family, _, rest = name.partition(".")
    site = rest.partition(".")[2]
    if family == "transformer_blocks":
        return site in _DOUBLE_SITES + _DOUBLE_MLP_SITES
    return family == "single_transformer_blocks" and site in _SINGLE_SITES


def _key(name: str) -> str:
    return name.replace(".", "/")


def _name(key: str) -> str:
    return key.replace("/", ".")
