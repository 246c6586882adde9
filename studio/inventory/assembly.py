"""A base from single files: a transformer, and whatever else it needs from where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.inventory.architecture import (
    SCHEDULERS,
    Facts,
    Part,
    agrees,
    completed,
)
from studio.inventory.base_files import PARTS, TOKENIZERS, BaseFiles, Source, read_config
from studio.inventory.comfyui import (
    BASE_FOLDERS,
    PART_FOLDERS,
    files_in,
    models_folder_around,
    weight_files,
)
from studio.inventory.known import part_command
from studio.inventory.layouts import BASE_FILE
from studio.inventory.scales import nearness
from studio.inventory.tokenizers import find_tokenizer
from studio.inventory.weight_file import Model, WeightFile, look_into
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture
from studio.scene.sentences import Sentence, in_a_row, say

# the names they are published under: preferred where several files would do
_USUAL = {"vae": ("ae",), "text_encoder": ("clip_l",), "text_encoder_2": ("t5xxl",)}
_NOT_FLUX = ("sd3",)  # its VAE has FLUX's shapes, but another's numbers
_WHAT = {
    "vae": say("the VAE (ae.safetensors)"),
    "text_encoder": say("the CLIP text encoder (clip_l.safetensors)"),
    "text_encoder_2": say("the T5 text encoder (t5xxl_fp16.safetensors or an fp8 one)"),
    "tokenizer": say("CLIP's tokenizer (the folder tokenizer)"),
    "tokenizer_2": say("T5's tokenizer (the folder tokenizer_2)"),
}
_KNOWN_AS = {
    "vae": "ae",
    "text_encoder": "clip_l",
    "text_encoder_2": "t5xxl",
    "tokenizer": "tokenizers",
    "tokenizer_2": "tokenizers",
}


@dataclass(frozen=True)
class Places:
    """Where the parts of a base may lie, besides beside it: `models` is another tool's folder."""

    weights: Path
    models: Path | None = None

    def around(self, file: Path) -> Places:
        return Places(self.weights, self.models or models_folder_around(file))


def assemble(file: Path, places: Places) -> BaseFiles:
    """Raises a sentence that names what is missing, or what does not fit."""
    places = places.around(file)
    transformer = check_transformer(look_into(file))
    templates = list(_templates(file, places))
    chosen: dict[str, Any] = {"transformer": _source(file, transformer, templates)}
    for part in PARTS[1:]:
        chosen[part] = _find_part(part, file, transformer.facts, places, templates)
    for name, part in zip(TOKENIZERS, ("text_encoder", "text_encoder_2"), strict=True):
        chosen[name] = _find_tokenizer(name, chosen[part], file, places)
    lacking = [name for name, found in chosen.items() if found is None]
    if lacking:
        commands = dict.fromkeys(part_command(_KNOWN_AS[name], places.weights) for name in lacking)
        raise MissingWeights(
            "{file} also needs {lacking}, which lies neither beside it nor in {places}. Get it "
            "(licences are in docs/models.md) with{commands}",
            file=file,
            lacking=in_a_row([_WHAT[name] for name in lacking], ", "),
            places=_shown(places),
            commands="".join(f"\n    {command}" for command in commands),
        )
    template = next((each for each in templates if _is_like(each, transformer)), None)
    return BaseFiles(
        name=file.stem,
        folder=file.parent,
        scheduler=template / "scheduler" if template else _scheduler(transformer),
        recommended=template,
        **chosen,
    )


def check_transformer(found: WeightFile) -> Model:
    """The transformer of a file, if it is one that the studio can render with."""
    if found.damage:
        raise DamagedWeights(found.damage)
    model = found.model("transformer")
    if model is None:
        raise WrongArchitecture(
            "{file} holds no FLUX.1 transformer; it is {what}.", file=found.path, what=found.text
        )
    if model.fault:
        raise WrongArchitecture(
            "{file} is not a whole FLUX.1 transformer: {fault}.",
            file=found.path,
            fault=model.fault,
        )
    taken, given = model.facts["in_channels"], model.facts["out_channels"]
    if taken != given:
        raise WrongArchitecture(
            "{file} is a FLUX.1 that takes {taken} channels and gives {given} (Fill, Depth or "
            "Canny); the studio renders with those that are made for text alone.",
            file=found.path,
            taken=taken,
            given=given,
        )
    return model


def transformers_in(folder: Path) -> list[WeightFile]:
    """Every loose file that holds one; files of a base in diffusers' layout are not loose."""
    return _transformers(file for file in _loose(folder) if not (file.parent / BASE_FILE).exists())


def transformers_of(models: Path) -> list[WeightFile]:
    """Every file of another tool's folders that holds one."""
    return _transformers(files_in(models, BASE_FOLDERS))


def single_files(places: Places) -> list[WeightFile]:
    """The single files that may be bases."""
    there = transformers_of(places.models) if places.models else []
    return [*there, *(transformers_in(places.weights) if places.weights.is_dir() else [])]


def _transformers(files: Iterable[Path]) -> list[WeightFile]:
    looked = [look_into(file) for file in dict.fromkeys(files)]
    return [found for found in looked if found.model("transformer")]


def _find_part(
    part: Part, file: Path, flux: Facts, places: Places, templates: list[Path]
) -> Source | None:
    damaged: WeightFile | None = None
    for group in _groups(file, places):
        fitting = [
            (found, model)
            for found in map(look_into, group)
            if (model := found.model(part))
            and _fits(part, model.facts, flux)
            and not any(word in found.path.stem.lower() for word in _NOT_FLUX)
        ]
        for found, model in sorted(fitting, key=lambda pair: _rank(part, *pair)):
            if found.damage is None and model.fault is None:
                return _source(found.path, model, templates)
            damaged = damaged or found
    for folder in templates:
        config = read_config(folder / part)
        if config is not None and _fits(part, config, flux) and _has_weights(folder / part):
            return Source(folder / part)
    if damaged is not None and damaged.damage is not None:
        raise DamagedWeights(damaged.damage)
    return None


def _groups(file: Path, places: Places) -> Iterator[list[Path]]:
    """Files by where they lie, the nearest first."""
    yield [file]
    yield weight_files(file.parent, depth=1)
    if places.models is not None:
        yield files_in(places.models, PART_FOLDERS)
        yield files_in(places.models, BASE_FOLDERS)
    yield _loose(places.weights)


def _loose(weights: Path) -> list[Path]:
    return weight_files(weights, depth=2) if weights.is_dir() else []


def _rank(part: Part, found: WeightFile, model: Model) -> tuple[bool, int, str]:
    usual = found.path.stem.lower().startswith(_USUAL[part])
    return (not usual, nearness(model.kind), found.path.name)


def _fits(part: Part, facts: Facts, flux: Facts) -> bool:
    if part == "vae":
        return facts.get("latent_channels", 0) * 4 == flux["in_channels"]
    if part == "text_encoder":
        return facts.get("hidden_size") == flux["pooled_projection_dim"]
    return facts.get("d_model") == flux["joint_attention_dim"]


def _templates(file: Path, places: Places) -> Iterator[Path]:
    """Bases in diffusers' layout, whose configs and parts may serve."""
    for place in (file.parent, places.weights):
        yield from sorted(index.parent for index in place.glob(f"*/{BASE_FILE}"))


def _source(file: Path, model: Model, templates: list[Path]) -> Source:
    """With the config of a base of the same shapes, or else FLUX.1's own."""
    known = (read_config(folder / model.part) for folder in templates)
    config = next((each for each in known if each and agrees(each, model.facts)), None)
    return Source(file, model, config or completed(model.part, model.facts))


def _is_like(template: Path, transformer: Model) -> bool:
    config = read_config(template / "transformer")
    return config is not None and agrees(config, transformer.facts)


def _scheduler(transformer: Model) -> Facts:
    return SCHEDULERS[transformer.facts["guidance_embeds"]]


def _has_weights(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


def _find_tokenizer(name: str, encoder: Source | None, file: Path, places: Places) -> Path | None:
    """Of the encoder; where that is missing, any that is there."""
    if encoder is None:
        return find_tokenizer(name, None, [file.parent, places.weights], places.models)
    if encoder.model is None:
        return encoder.path.parent / name  # of the same base
    words = (encoder.config or {})["vocab_size"]
    near = [file.parent, encoder.path.parent, places.weights]
    return find_tokenizer(name, words, near, places.models)


def _shown(places: Places) -> Sentence | str:
    if places.models is None:
        return str(places.weights)
    return say("{models} or {weights}", models=places.models, weights=places.weights)
