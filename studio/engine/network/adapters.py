"""The Seg2Any adapters: read, checked, and joined with FLUX's layers.

`default` serves text and image tokens and is fused into the weights where they allow it. `cond`
serves contour tokens, which compute the fused layer plus the low-rank difference of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.engine.network.low_rank import ContourTerms, LowRank, difference, is_contour_site
from studio.engine.network.weights import read_tensors, refuse_pickles
from studio.inventory.layouts import ADAPTER_FILE, CONTOUR_FILE
from studio.scene.errors import MissingWeights, WrongArchitecture

Terms = dict[str, LowRank]


@dataclass(frozen=True)
class Adapters:
    """Low-rank terms by layer name, for text and image tokens and for contour tokens."""

    default: Terms = field(default_factory=dict)
    cond: Terms = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def read_adapters(folder: Path) -> Adapters:
    """`folder`/default and `folder`/cond in the published layout; one of them may be absent."""
    if not folder.is_dir():
        raise MissingWeights(
            "{folder} is not a folder. See weights/README.md for the adapters.", folder=folder
        )
    paths = {"default": folder / ADAPTER_FILE, "cond": folder / CONTOUR_FILE}
    found = {name: path for name, path in paths.items() if path.is_file()}
    if not found:
        for path in paths.values():
            if path.parent.is_dir():
                refuse_pickles(path.parent)
        raise MissingWeights("{path} is not there. See weights/README.md.", path=paths["default"])
    terms = {name: read_adapter(path) for name, path in found.items()}
    return Adapters(terms.get("default", {}), terms.get("cond", {}), tuple(found.values()))


def read_adapter(path: Path) -> Terms:
    """The terms of one file with keys transformer.<layer>.lora_A.weight and .lora_B.weight."""
    tensors = read_tensors(path)
    terms: Terms = {}
    for key, down in tensors.items():
        if key.endswith(".lora_B.weight"):
            if key.replace(".lora_B.", ".lora_A.") not in tensors:
                raise WrongArchitecture(
                    "{path}: {key} has no lora_A beside it.", path=path, key=key
                )
            continue
        if not key.startswith("transformer.") or not key.endswith(".lora_A.weight"):
            raise WrongArchitecture(
                "{path}: {key} is not a Seg2Any key; expected transformer.<layer>.lora_A.weight.",
                path=path,
                key=key,
            )
        up = tensors.get(key.replace(".lora_A.", ".lora_B."))
        if up is None:
            raise WrongArchitecture("{path}: {key} has no lora_B beside it.", path=path, key=key)
        if down.ndim != 2 or up.ndim != 2 or down.shape[0] != up.shape[1]:
            raise WrongArchitecture(
                "{path}: {key} is {down} but its lora_B is {up}; their ranks differ.",
                path=path,
                key=key,
                down=tuple(down.shape),
                up=tuple(up.shape),
            )
        terms[key.removeprefix("transformer.").removesuffix(".lora_A.weight")] = LowRank(down, up)
    return terms


def check_adapters(adapters: Adapters, flux: nn.Module) -> None:
    """Raise, naming the layer, unless every term has a layer of its shape."""
    layers = {name: shape for name, layer in flux.named_modules() if (shape := _shape(layer))}
    for kind, terms in (("default", adapters.default), ("cond", adapters.cond)):
        for name, term in terms.items():
            if name not in layers:
                raise WrongArchitecture(
                    "The {kind} adapter has a term for {name}, which is no layer of this base.",
                    kind=kind,
                    name=name,
                )
            outputs, inputs = layers[name]
            if (term.up.shape[0], term.down.shape[1]) != (outputs, inputs):
                raise WrongArchitecture(
                    "The {kind} adapter's term for {name} maps {from_channels} to {to_channels} "
                    "channels, but the layer of this base maps {inputs} to {outputs}; the adapter "
                    "was made for another base.",
                    kind=kind,
                    name=name,
                    from_channels=term.down.shape[1],
                    to_channels=term.up.shape[0],
                    inputs=inputs,
                    outputs=outputs,
                )
            if kind == "cond" and not is_contour_site(name):
                raise WrongArchitecture(
                    "The cond adapter has a term for {name}, which no contour token passes.",
                    name=name,
                )


def attach(flux: nn.Module, adapters: Adapters) -> ContourTerms:
    """Join the adapters with FLUX; returns what contour tokens add."""
    check_adapters(adapters, flux)
    for name, term in adapters.default.items():
        layer = flux.get_submodule(name)
        if can_fuse(layer):
            _fuse(layer, term)
        else:
            parent, _, child = name.rpartition(".")
            setattr(flux.get_submodule(parent), child, AdaptedLinear(layer, _like(layer, term)))
    names = {name for name in (*adapters.default, *adapters.cond) if is_contour_site(name)}
    terms: Terms = {}
    for name in sorted(names):
        own = difference(adapters.cond.get(name), adapters.default.get(name))
        assert own is not None
        terms[name] = _like(flux.get_submodule(name), own)
    return ContourTerms(terms).requires_grad_(False)


def detach(flux: nn.Module, adapters: Adapters, original: Callable[[str], Tensor]) -> None:
    """Undo `attach`, bit for bit: `original` gives the weight of a layer as the base has it."""
    for name in adapters.default:
        layer: Any = flux.get_submodule(name)
        if isinstance(layer, AdaptedLinear):
            parent, _, child = name.rpartition(".")
            setattr(flux.get_submodule(parent), child, layer.layer)
        else:
            with torch.no_grad():
                layer.weight.copy_(original(f"{name}.weight"))


def can_fuse(layer: nn.Module) -> bool:
    """Whether a term can be added into the weight: plain floating point, not quantised."""
    if type(layer) is not nn.Linear:
        return False
    weight = layer.weight
    return type(weight.data) is Tensor and weight.dtype in (
        torch.float32,
        torch.bfloat16,
        torch.float16,
    )


class AdaptedLinear(nn.Module):
    """A layer whose weight cannot be changed (quantised), and the term it should have had."""

    def __init__(self, layer: nn.Module, term: LowRank) -> None:
        super().__init__()
        self.layer = layer
        self.term = term

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) + self.term(x)


def _fuse(layer: Any, term: LowRank) -> None:
    with torch.no_grad():
        change = term.to(layer.weight.device).dense()
        layer.weight.copy_(layer.weight.float() + change)


def _like(layer: nn.Module, term: LowRank) -> LowRank:
    """The term on the layer's device, in its type where that is floating point."""
    inner = layer.layer if isinstance(layer, AdaptedLinear) else layer
    weight: Tensor = inner.weight  # type: ignore[assignment]
    bias = getattr(inner, "bias", None)
    like = weight if weight.is_floating_point() or bias is None else bias
    return term.to(weight.device, like.dtype if like.is_floating_point() else torch.bfloat16)


def _shape(layer: nn.Module) -> tuple[int, int] | None:
    inputs, outputs = getattr(layer, "in_features", None), getattr(layer, "out_features", None)
    return None if inputs is None or outputs is None else (outputs, inputs)
