"""What a weights file is: told by the names and shapes in its header, whatever it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from studio.inventory.architecture import (
    Facts,
    Part,
    Tensors,
    clip_facts,
    diffusers_flux_facts,
    flux_facts,
    t5_facts,
    vae_facts,
)
from studio.inventory.bfl_layout import bfl_shapes
from studio.inventory.headers import Header, read_header
from studio.inventory.scales import is_scale, kind_of, precision_of
from studio.inventory.tensors import by
from studio.scene.errors import WeightsError
from studio.scene.sentences import Sentence, say


@dataclass(frozen=True)
class Model:
    """One of FLUX.1's models within a file."""

    part: Part
    layout: str  # "BFL", "LDM", "diffusers", "transformers"
    prefix: str  # what stands before its names in the file
    facts: Facts
    kind: str  # of most numbers, in the file's own word: "BF16", "F8_E4M3", "Q4_K"
    precision: str  # the same for the user: "fp8 (e4m3) with scales"
    count: int  # weights
    fault: Sentence | None = None  # the first tensor that does not fit

    @property
    def text(self) -> Sentence:
        return _TEXTS[self.part](self)


@dataclass(frozen=True)
class WeightFile:
    """A file, and the models in it; none: `other` says what it is instead.

    `damage`: why it cannot be used, though it may be known what it is.
    """

    path: Path
    size: int
    models: tuple[Model, ...]
    other: Sentence | None = None
    damage: Sentence | None = None

    def model(self, part: Part) -> Model | None:
        return next((each for each in self.models if each.part == part), None)

    @property
    def text(self) -> Sentence:
        if not self.models:
            return self.other or self.damage or say("holds no tensors")
        said = self.models[0].text
        for model in self.models[1:]:
            said = say("{before}; {part}", before=said, part=model.text)
        return said


def is_packed(model: Model) -> bool:
    """Whether its weights are in gguf's blocks, in which they stay in memory."""
    return model.kind.startswith(("Q", "IQ"))


def look_into(path: Path) -> WeightFile:
    """By the header alone. What cannot be read is a WeightFile too, and says why."""
    try:
        found = path.stat()
    except OSError:
        return WeightFile(path, 0, (), damage=say("{path} is not there.", path=path))
    return _look_into(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=1000)
def _look_into(path: Path, size: int, changed: int) -> WeightFile:
    del changed  # a file that was written anew is looked into anew
    try:
        header = read_header(path)
    except WeightsError as exc:
        return WeightFile(path, size, (), damage=exc.args[0])
    models = tuple(_models(header))
    other = None if models else _what_else(header.tensors)
    return WeightFile(path, size, models, other, header.cut)


def _models(header: Header) -> Iterable[Model]:
    if _other(header.tensors):
        return
    for part, prefixes in _PREFIXES.items():
        for prefix in prefixes:
            model = _model(part, prefix, header)
            if model is not None:
                yield model
                break


def _model(part: Part, prefix: str, header: Header) -> Model | None:
    tensors = {
        name.removeprefix(prefix): facts
        for name, facts in header.tensors.items()
        if name.startswith(prefix)
    }
    for layout, marks, read in _LAYOUTS[part]:
        if not all(any(name.startswith(mark) for name in tensors) for mark in marks):
            continue
        try:
            facts = read(tensors)
        except KeyError as exc:
            facts, fault = {}, say("has no tensor {name}", name=str(exc.args[0]))
        except (IndexError, ValueError, ArithmeticError):
            facts, fault = {}, say("its tensors have shapes that no layer has")
        else:
            fault = _misfit(tensors, facts) if layout == "BFL" else None
        count = sum(each.weights for name, each in tensors.items() if not is_scale(name))
        return Model(
            part, layout, prefix, facts, kind_of(tensors), precision_of(tensors), count, fault
        )
    return None


def _misfit(tensors: Tensors, facts: Facts) -> Sentence | None:
    """The first tensor of a BFL transformer that is missing, of another shape, or too many."""
    wanted = bfl_shapes(facts)
    for name, shape in wanted.items():
        if name not in tensors:
            return say("has no tensor {name}", name=name)
        if tensors[name].shape != shape:
            return say(
                "{name} is {shape} and should be {wanted}",
                name=name,
                shape=by(tensors[name].shape),
                wanted=by(shape),
            )
    for name in tensors:
        if name not in wanted and not is_scale(name):
            return say("{name} belongs to no layer of FLUX.1", name=name)
    return None


def _what_else(tensors: Tensors) -> Sentence:
    if not tensors:
        return say("holds no tensors")
    name, facts = next(iter(tensors.items()))
    return _other(tensors) or say(
        "a layout that is not known here; its first tensor is {name} ({shape})",
        name=name,
        shape=by(facts.shape),
    )


def _other(tensors: Tensors) -> Sentence | None:
    """What a file is that holds none of FLUX.1's models, by a name that only such files have."""
    return next((kind for mark, kind in _OTHERS if any(mark in name for name in tensors)), None)


def _flux_text(model: Model) -> Sentence:
    facts = model.facts
    if model.fault or not facts:
        return say("a FLUX transformer that does not fit: {fault}", fault=model.fault)
    return say(
        "FLUX.1 transformer ({family}), {layout} layout, {double} + {single} blocks, {precision}",
        family=_family(facts),
        layout=model.layout,
        double=facts["num_layers"],
        single=facts["num_single_layers"],
        precision=model.precision,
    )


def _family(facts: Facts) -> Sentence | str:
    if facts["in_channels"] != facts["out_channels"]:
        return say("of {channels} channels, for other inputs", channels=facts["in_channels"])
    return say("dev's kind") if facts["guidance_embeds"] else say("schnell's kind")


def _vae_text(model: Model) -> Sentence:
    return say(
        "VAE, {layout} layout, {channels} latent channels, {precision}",
        layout=model.layout,
        channels=model.facts.get("latent_channels", "?"),
        precision=model.precision,
    )


def _clip_text(model: Model) -> Sentence:
    return say(
        "CLIP text encoder, width {width}, {precision}",
        width=model.facts.get("hidden_size", "?"),
        precision=model.precision,
    )


def _t5_text(model: Model) -> Sentence:
    return say(
        "T5 text encoder, width {width}, {precision}",
        width=model.facts.get("d_model", "?"),
        precision=model.precision,
    )


_TEXTS: dict[Part, Callable[[Model], Sentence]] = {
    "transformer": _flux_text,
    "vae": _vae_text,
    "text_encoder": _clip_text,
    "text_encoder_2": _t5_text,
}
# where each model may begin in a file: a file of its own, then ComfyUI's that hold everything
_PREFIXES: dict[Part, tuple[str, ...]] = {
    "transformer": ("", "model.diffusion_model.", "diffusion_model."),
    "vae": ("", "vae.", "first_stage_model."),
    "text_encoder": ("", "text_encoders.clip_l.transformer.", "clip_l.transformer."),
    "text_encoder_2": ("", "text_encoders.t5xxl.transformer.", "t5xxl.transformer."),
}
_Layout = tuple[str, tuple[str, ...], Callable[[Any], Facts]]  # names that begin so must be there
_LAYOUTS: dict[Part, tuple[_Layout, ...]] = {
    "transformer": (
        ("BFL", ("double_blocks.", "single_blocks."), flux_facts),
        (
            "diffusers",
            ("single_transformer_blocks.", "time_text_embed.text_embedder."),
            diffusers_flux_facts,
        ),
    ),
    "vae": (
        ("LDM", ("decoder.conv_in.", "encoder.down.0."), partial(vae_facts, is_diffusers=False)),
        (
            "diffusers",
            ("decoder.conv_in.", "encoder.down_blocks.0."),
            partial(vae_facts, is_diffusers=True),
        ),
    ),
    "text_encoder": (
        ("transformers", ("text_model.embeddings.", "text_model.encoder."), clip_facts),
        ("transformers", ("embeddings.token_embedding.", "encoder.layers."), clip_facts),
    ),
    "text_encoder_2": (("transformers", ("encoder.block.0.layer.0.SelfAttention.",), t5_facts),),
}
_OTHERS = (
    ("lora_", say("a LoRA")),
    ("lokr_", say("a LoRA")),
    ("double_stream_modulation_img", say("a FLUX.2 transformer, another architecture")),
    ("distilled_guidance_layer", say("a Chroma transformer, another architecture")),
    ("img_attn_qkv", say("a HunyuanVideo transformer, another architecture")),
    ("joint_blocks.0", say("a Stable Diffusion 3 transformer, another architecture")),
    ("input_blocks.0.0", say("a Stable Diffusion model, another architecture")),
    ("encoder.block.1.layer.0.SelfAttention.relative_attention_bias", say("a UMT5 text encoder")),
    ("image_encoder.trunk", say("a SAM 2 segmenter in Meta's layout")),
    ("vision_encoder.backbone", say("a SAM 2 segmenter")),
    ("controlnet", say("a ControlNet")),
)
