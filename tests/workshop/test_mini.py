"""The whole way of the mini model, at a size that says nothing about its pictures."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

import studio
from studio.engine.sampling.scene_tokens import assemble
from studio.scene.geometry import Extent
from studio.training.flow import plainly
from studio.training.team import Team
from studio.training.trainer import Plan, Trainer
from studio.workshop.autoencoder import (
    AutoencoderTask,
    PicturePool,
    build_autoencoder,
    encode_mean,
    to_tensor,
)
from studio.workshop.export import export_mini, load_mini, normalise_latents
from studio.workshop.flow_task import FlowTask, dropped
from studio.workshop.mini import load_average, train_mini, train_stages
from studio.workshop.mini_model import END, MiniModel, Shape
from studio.workshop.mini_plan import smoke_plan
from studio.workshop.painting.cutouts import known_cutouts
from studio.workshop.painting.painter import paint_scene
from studio.workshop.samples import SampleWriter, Shards, in_another_shape
from studio.workshop.stock import painting_on, tokenizers
from studio.workshop.vocabulary import CAPTION_TOKENS, build_tokenizer
from tests.precisions import NEAR, in_each_precision, relative_error
from tests.workshop.drawn import draw

TINY = Shape(width=64, heads=2, doubles=1, singles=2, channels=16, text_width=32, rank=4)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("shards")
    vae = build_autoencoder((8, 8, 16, 16), 4)
    SampleWriter(vae, tokenizers(), folder).write(((64, 48),), 8, 0)
    found = Shards(folder)
    found.refresh()
    return found


def test_encoded_scenes_fit_together(shards: Shards) -> None:
    extent, samples = shards.batch(4)
    assert extent == Extent(64, 48)
    for sample in samples:
        assert sample.latents.shape == (12, 16)
        assert len(sample.contour) == len(sample.positions)
        assert sample.words.shape[0] == 12
        assert 0 < sample.gamma <= 1


def test_the_same_seed_writes_the_same_shard(shards: Shards, tmp_path: Path) -> None:
    torch.manual_seed(0)
    vae = build_autoencoder((8, 8, 16, 16), 4)
    path = SampleWriter(vae, tokenizers(), tmp_path).write(((64, 48),), 8, 0)
    again = torch.load(path, weights_only=True)["samples"]
    first = next(iter(shards.loaded.values()))[1]
    assert all(torch.equal(a["latents"], b.latents) for a, b in zip(again, first, strict=True))


def test_plain_attention_is_the_attention_of_the_render(shards: Shards) -> None:
    torch.manual_seed(0)
    model = MiniModel(TINY)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    task = FlowTask(model, shards, 16, 3)
    extent, samples = shards.batch(3)
    inputs = assemble(model.flux, task.scenes(samples, extent), TINY.isolated, None)
    latents = torch.randn(3, 12, 16)
    sigma = torch.tensor([0.2, 0.5, 0.9])
    with torch.no_grad():
        made = model.net(latents, sigma, inputs)
        plain = model.net(latents, sigma, plainly(inputs))
    assert float((made - plain).abs().max()) < 1e-4


def test_training_lowers_the_loss(shards: Shards) -> None:
    torch.manual_seed(0)
    model = MiniModel(TINY)
    task = FlowTask(model, shards, 16, 8)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    losses = []
    for _ in range(40):
        loss = task.loss(0.0)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:5])


@in_each_precision
def test_a_step_of_flow_training_in_each_precision(
    shards: Shards, tmp_path: Path, dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    model = MiniModel(TINY)
    trainer = Trainer(FlowTask(model, shards, 16, 3), Plan(tmp_path, 60, dtype=dtype))
    seen: list[torch.dtype] = []
    layer: Any = model.flux.transformer_blocks[0]
    layer.attn.to_q.register_forward_hook(lambda _layer, _given, made: seen.append(made.dtype))
    results = [trainer.step() for _ in range(3)]
    assert set(seen) == {dtype}
    assert all(0.2 < loss < 5 and 0 < norm < float("inf") for loss, norm in results)
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert all(weight.isfinite().all() for weight in model.parameters())


@in_each_precision
def test_a_step_of_vae_training_in_each_precision(tmp_path: Path, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    vae = build_autoencoder((8, 8, 8, 8), 4)
    task = AutoencoderTask(vae, random_pool(), random_pool(), 1)
    trainer = Trainer(task, Plan(tmp_path, 60, dtype=dtype))
    seen: list[torch.dtype] = []
    vae.decoder.conv_in.register_forward_hook(lambda _layer, _given, made: seen.append(made.dtype))
    before = vae.decoder.mid_block.resnets[0].conv2.weight.detach().clone()
    loss, norm = trainer.step()
    assert set(seen) == {dtype}
    assert 0.1 < loss < 10
    assert 0 < norm < float("inf")
    assert not torch.equal(before, vae.decoder.mid_block.resnets[0].conv2.weight)
    assert all(weight.isfinite().all() for weight in vae.parameters())


@in_each_precision
def test_scenes_are_encoded_in_each_precision(tmp_path: Path, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    vae = build_autoencoder((8, 8, 16, 16), 4)
    scenes = [paint_scene(np.random.default_rng(0), Extent(64, 64))]
    encoded = [
        SampleWriter(vae, tokenizers(), tmp_path, each).encoded(np.random.default_rng(0), scenes)[0]
        for each in (dtype, torch.float32)
    ]
    assert relative_error(encoded[0].latents, encoded[1].latents) <= NEAR[dtype]
    assert encoded[0].latents.dtype == torch.float16  # as shards are kept


def test_mini_training_takes_everything_to_the_device_of_the_model(shards: Shards) -> None:
    """On `meta`, which holds no numbers, a tensor left on the processor is refused as on a GPU."""
    flow = FlowTask(MiniModel(TINY).to("meta"), shards, 16, 2)
    vae = AutoencoderTask(
        build_autoencoder((8, 8, 8, 8), 4).to("meta"), random_pool(), random_pool()
    )
    for task in (flow, vae):
        loss = task.loss(0.0)
        loss.backward()
        assert loss.device.type == "meta"


def random_pool() -> PicturePool:
    """Noise instead of painted scenes, which take long."""
    pixels = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), np.uint8)
    return PicturePool(pixels, pixels)


def test_dropped_words_become_the_empty_caption(shards: Shards) -> None:
    _, samples = shards.batch(8)
    rng = np.random.default_rng(0)
    found = [dropped(rng, sample) for _ in range(40) for sample in samples]
    assert any(s.caption == [END] and all(r == [END] for r in s.regions) for s in found)
    assert any(not len(s.contour) for s in found)


def test_an_exported_model_goes_on_with_more_words(tmp_path: Path) -> None:
    """Old words keep what was learned of them, wherever they stand in the new table."""
    torch.manual_seed(0)
    plain = MiniModel(TINY)
    export_mini(plain, build_autoencoder((8, 8, 16, 16), 4), tmp_path, [])
    taught = MiniModel(TINY, known_cutouts())
    load_mini(taught, tmp_path)
    old = build_tokenizer(CAPTION_TOKENS, has_start=False).get_vocab()
    new = build_tokenizer(CAPTION_TOKENS, has_start=False, cutouts=known_cutouts()).get_vocab()
    for one, other in ((plain.t5, taught.t5), (plain.clip, taught.clip)):
        before, after = (m.get_input_embeddings().weight.detach() for m in (one, other))
        for word in ("red", "wood", "cat"):
            assert torch.allclose(after[new[word]], before[old[word]], rtol=1e-3, atol=1e-4)
        assert 0.3 < float(after[new["robot"]].std() / before.std()) < 1.1


def test_a_low_gamma_shows_things_in_other_shapes_too(tmp_path: Path) -> None:
    square = np.zeros((32, 40), bool)
    square[4:24, 10:36] = True
    shapes = [in_another_shape(np.random.default_rng(seed), square) for seed in range(12)]
    assert len({shape.tobytes() for shape in shapes}) > 6
    for shape in shapes:
        assert shape.sum() > 0.3 * square.sum()
        assert not shape[:2].any()
        assert not shape[:, 39:].any()


@pytest.mark.slow
def test_painters_go_on_with_the_shards_while_something_else_is_done(tmp_path: Path) -> None:
    plan = smoke_plan(tmp_path / "run")
    plan = replace(plan, drawings=draw(tmp_path / "drawings"), painters=1, small_shards=3)
    build_autoencoder(plan.vae_channels, 4).save_pretrained(plan.folder / "vae_finished")
    with painting_on(plan, lambda line: None):
        assert (plan.folder / "small" / "000000.pt").exists()
        assert (plan.folder / "large" / "000000.pt").exists()
        last = plan.folder / "small" / "000002.pt"
        for _ in range(600):
            if last.exists():
                break
            time.sleep(0.1)
    assert last.exists()


def test_latents_get_size_one() -> None:
    torch.manual_seed(0)
    vae = build_autoencoder((8, 8, 16, 16), 4)
    scene = paint_scene(np.random.default_rng(0), Extent(64, 64))
    pictures = to_tensor(np.round(scene.image[None] * 255).astype(np.uint8))
    with torch.no_grad():
        before = encode_mean(vae, pictures)
        shown = vae.decoder(before)
        normalise_latents(vae, before)
        after = encode_mean(vae, pictures)
        again = vae.decoder(after)
    assert after.std(dim=(0, 2, 3)).tolist() == pytest.approx([1.0] * 4, rel=1e-3)
    assert float((shown - again).abs().max()) < 1e-3


def test_a_team_of_one_changes_nothing() -> None:
    weights = [torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(3))]
    team = Team()
    assert team.share_of(weights) != []
    team.average_gradients(weights)
    team.exchange(weights)
    assert team.agree(3.5) == 3.5


@pytest.mark.slow
def test_smoke_run_from_nothing_to_a_picture(tmp_path: Path) -> None:
    lines: list[str] = []
    train_mini(smoke_plan(tmp_path / "run", seconds=3.0), tmp_path / "mini", lines.append)
    assert any("exported" in line for line in lines)
    assert (tmp_path / "run" / "vae.png").exists()
    assert (tmp_path / "run" / "flow_128.png").exists()
    engine = studio.load_engine(tmp_path / "mini", device="cpu")
    mask = np.zeros((64, 64), bool)
    mask[16:48, 16:48] = True
    scene = studio.Scene(64, 64, "day", [studio.Region(mask, "red ball")])
    picture = engine.render(studio.RenderRequest(scene, studio.Sampling(steps=2)))
    assert picture.images[0].size == (64, 64)
    finished, polished = (
        AutoencoderKL.from_pretrained(tmp_path / "run" / name).state_dict()
        for name in ("vae_finished", "vae_polished")
    )
    for name, weight in finished.items():  # the transformer has learned the encoder's latents
        assert torch.equal(weight, polished[name]) == name.startswith("encoder"), name
    plan = smoke_plan(tmp_path / "run", seconds=3.0)
    train_stages(plan, lines.append)
    assert any("resumed flow_small" in line for line in lines)
    trained, exported = MiniModel(plan.shape), MiniModel(plan.shape)
    load_average(plan, trained, "large")
    load_mini(exported, tmp_path / "mini")  # what --start goes on from
    for one, other in zip(trained.parameters(), exported.parameters(), strict=True):
        assert torch.allclose(one, other, atol=2e-3)
