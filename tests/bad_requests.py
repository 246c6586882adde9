"""Bad input B37 to B66: masks, words, numbers, requests, projects, weights, other sites."""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.files.picture_file import read_request
from studio.scene.errors import StudioError
from studio.scene.request import Sampling
from studio.ui.web.guard import Guard
from tests.bad_input import (
    INFINITE,
    NAN,
    SQUARE,
    Room,
    case,
    corners,
    draw,
    refused,
    saved,
    site,
)
from tests.ui.conftest import content

# 37 to 44: masks, clicks and regions


def mask_files(mask: Image.Image) -> list[dict[str, Any]]:
    captions = json.dumps({"01.png": "a red ball", "caption": "a lawn"}).encode()
    return [
        {"name": "01.png", "data": saved(mask)},
        {"name": "captions.json", "data": captions},
    ]


@case(37, "refused")
def b37_masks_of_two_sizes(room: Room) -> None:
    files = mask_files(Image.new("L", (64, 48), 255))
    files[1]["data"] = json.dumps({"01.png": "a", "02.png": "b"}).encode()
    files.append({"name": "02.png", "data": saved(Image.new("L", (32, 48), 255))})
    refused(room, "open_files", "", files=files, into="scene")


@case(38, "refused")
def b38_an_empty_mask(room: Room) -> None:
    refused(room, "add_region", "draw it first", shape={"box": None, "counts": []})


@case(38, "taken")
def b38_grey_masks_by_their_threshold(room: Room) -> None:
    pixels = np.zeros((48, 64), np.uint8)
    pixels[:, :32], pixels[:, 32:] = 127, 128
    room.page.ask("open_files", files=mask_files(Image.fromarray(pixels)), into="project")
    assert math.isclose(room.page.document["regions"][0]["share"], 0.5, abs_tol=0.02)


@case(39, "refused")
def b39_a_coloured_mask(room: Room) -> None:
    refused(room, "open_files", "", files=mask_files(corners(64, 48)), into="scene")


@case(40, "refused")
def b40_clicks_that_are_none(room: Room) -> None:
    room.page.client.call("set_photo", {"session": "none"})
    for click in ([-1, 5, 1], [1e9, 5, 1], [NAN, 5, 1], ["5", 5, 1], [None, 5, 1], [5, 5]):
        refused(room, "segment", "", on="photo", points=[click], sequence=1)


@case(41, "refused")
def b41_too_many_clicks_and_boxes_of_nothing(room: Room) -> None:
    refused(room, "segment", "64", on="photo", points=[[1, 1, 1]] * 10_000, sequence=1)
    refused(room, "segment", "empty", on="photo", box=[5, 5, 5, 5], sequence=1)


@case(42, "refused")
def b42_a_region_outside_the_picture(room: Room) -> None:
    refused(room, "add_region", "", shape={"box": [900, 900, 920, 920], "counts": [0, 400]})


@case(43, "refused")
def b43_ids_twice_and_ids_that_are_gone(room: Room) -> None:
    refused(room, "set_region", "", region="0123456789ab", caption="late")
    refused(room, "delete_region", "", region="0123456789ab")


@case(43, "taken")
def b43_the_same_id_is_refused_a_second_time(room: Room) -> None:
    room.page.ask("add_region", shape=SQUARE, id="aaaaaaaaaaaa")
    refused(room, "add_region", "", shape=SQUARE, id="aaaaaaaaaaaa")
    assert len(room.page.document["regions"]) == 1


@case(43, "taken")
def b43_one_region_more_than_there_may_be(room: Room) -> None:
    """32 in the list; the limit is 100 now."""
    from studio.scene.scene import MOST_REGIONS

    for _ in range(MOST_REGIONS):
        room.page.ask("add_region", shape=SQUARE)
    refused(room, "add_region", str(MOST_REGIONS), shape=SQUARE)


@case(44, "taken")
def b44_regions_that_cover_each_other_wholly(room: Room) -> None:
    draw(room, "below")
    draw(room, "above")
    assert [each["number"] for each in room.page.document["regions"]] == [1, 2]
    kinds = {hint["kind"] for hint in room.page.document["hints"]}
    assert "hidden" in kinds


# 45 to 53: words and numbers


@case(45, "taken")
def b45_no_caption_is_hinted_at(room: Room) -> None:
    draw(room, "   ")
    assert "no-caption" in {hint["kind"] for hint in room.page.document["hints"]}


@case(46, "refused")
def b46_a_caption_of_a_million_letters(room: Room) -> None:
    refused(room, "set_scene", "2000", caption="x" * 10**6)
    refused(room, "add_region", "2000", shape=SQUARE, caption="x" * 10**6)


@case(47, "taken")
def b47_a_caption_too_long_for_the_model_is_told(room: Room) -> None:
    draw(room, " ".join(["red ball"] * 200))
    assert "caption-long" in {hint["kind"] for hint in room.page.document["hints"]}


ODD_TEXTS = (
    "<script>alert(1)</script>",
    "[a](http://evil)",
    "{{value}} ${1}",
    "a\u200bb",
    "\u202e",
)
BROKEN_TEXTS = ("\ud800", "a\0b", "a\r\nWARNING studio: forged")


@case(48, "taken")
def b48_text_is_text(room: Room) -> None:
    region = draw(room)
    for text in (*ODD_TEXTS, *BROKEN_TEXTS, "😀"):
        room.page.ask("set_region", region=region, caption=text)
        found = room.page.document["regions"][0]["caption"]
        found.encode()
        assert "\0" not in found
        if text not in BROKEN_TEXTS:
            assert found == text


@case(49, "taken")
def b49_weights_in_captions_are_words(room: Room) -> None:
    region = draw(room)
    for text in ("((a:1.5", "(a:1e9)", "(a:nan)"):
        room.page.ask("set_region", region=region, caption=text)
        assert room.page.document["regions"][0]["caption"] == text


@case(50, "refused")
def b50_seeds_that_are_none(room: Room) -> None:
    for seed in (-1, 2**64, 1.5, "abc", None, True, NAN):
        refused(room, "set_sampling", "seed", seed=seed)


@case(50, "taken")
def b50_large_seeds(room: Room) -> None:
    for seed in (0, 2**32, 2**63 - 1):
        room.page.ask("set_sampling", seed=seed)
        assert room.page.document["sampling"]["seed"] == seed


@case(51, "refused")
def b51_numbers_out_of_range(room: Room) -> None:
    for steps in (0, -1, 10_000, NAN, 2.5):
        refused(room, "set_sampling", "steps", steps=steps)
    refused(room, "set_sampling", "guidance", guidance=INFINITE)
    for gamma in (0, 1.01, -1, NAN):
        refused(room, "set_sampling", "gamma", gamma=gamma)


@case(52, "refused")
def b52_sizes_that_cannot_be(room: Room) -> None:
    for width in (0, 100_000, 65, NAN):
        refused(room, "new_scene", "", width=width, height=64)


@case(53, "refused")
def b53_what_no_list_offers(room: Room) -> None:
    refused(room, "render", "one of", quality="best")
    refused(room, "use_model", "weights folder", base="../../etc")
    refused(room, "use_model", "weights folder", segmenter="/tmp/model.pt")


# 54 to 57: requests


@case(54, "refused")
def b54_requests_that_make_no_sense(room: Room) -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    refused(room, "no_such_action", "no such action")
    refused(room, "__init__", "no such action")
    refused(room, "set_region", "lacks")
    refused(room, "set_scene", "takes no", colour="red")
    refused(room, "set_scene", "", caption=deep)
    http = site(room)
    for path in ("/gradio_api/queue/status", "/gradio_api/upload", "/gradio_api/proxy=x"):
        assert http.post(path, json={"fn_index": 10**9}).status_code == 404


@case(55, "refused")
def b55_another_persons_session(room: Room) -> None:
    for session in ("forged", None, 5, "a" * 32, {"a": 1}, "\ud800"):
        answer = room.page.client.call("document", {"session": session})
        assert (answer["ok"], answer["kind"]) == (False, "expired")
        assert "document" not in answer


@case(56, "taken")
def b56_an_edit_on_an_old_revision_is_dropped(room: Room) -> None:
    old = room.page.document["revision"]
    draw(room)
    before = content(room.page.ask("document"))
    answer = room.page.refused("set_scene", caption="late", revision=old)
    assert answer["kind"] == "stale"
    assert content(room.page.ask("document")) == before


@case(57, "taken")
def b57_twenty_clicks_on_render_are_one_job(room: Room) -> None:
    draw(room, "a red ball")
    started = [room.page.ask("render", quality="final") for _ in range(20)]
    jobs = {each["job"]["id"] for each in started if each.get("job")}
    assert len(jobs) == 1
    room.page.finish(started[0])


# 58 and 59: projects and pictures of ours


def project(files: dict[str, bytes]) -> list[dict[str, Any]]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return [{"name": "a.s2a", "data": file.getvalue()}]


@case(58, "refused")
def b58_project_files_that_are_none(room: Room) -> None:
    whole = own_project(room)
    newer = {"version": 10**6, "document": {}}
    bombs = {"project.json": bytes(300 * 2**20)}
    for files in (
        [{"name": "a.s2a", "data": b"not a zip"}],
        [{"name": "a.s2a", "data": whole[: len(whole) // 2]}],
        project({"project.json": b"{"}),
        project({"project.json": json.dumps(newer).encode()}),
        project({"../../evil": b"x", "project.json": b"{}"}),
        project({"/etc/evil": b"x", "project.json": b"{}"}),
        project({"a.pkl": b"\x80\x04cos\nsystem\n."}),
        project(bombs),
        [{"name": "a.json", "data": b"{"}],
        [{"name": "a.json", "data": b"[" * 100_000}],
    ):
        refused(room, "open_files", "", files=files)
    assert not (room.folder.parent / "evil").exists()
    assert not Path("/etc/evil").exists()


def own_project(room: Room) -> bytes:
    saved_as = room.page.ask("save_project")["file"]
    return room.page.client.read_file(room.page.session, saved_as).content


@case(59, "refused")
def b59_settings_in_a_picture_are_checked_like_any(room: Room) -> None:
    for text in ('{"version": "x"}', '{"steps": 1e999}', "{", '{"model": "/etc/passwd"}', "<b>"):
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("seg2any", text)
        path = room.folder / "odd.png"
        path.write_bytes(saved(corners(64, 48), pnginfo=notes))
        with pytest.raises(StudioError) as told:
            read_request(path)
        assert len(str(told.value).splitlines()) == 1


# 60 to 64: weights


HEADER = b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'


def tensors(header: bytes = HEADER, data: bytes = bytes(8), length: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if length is None else length) + header + data


DAMAGED = {
    "empty": b"",
    "a cut header": tensors()[:20],
    "cut data": tensors(data=bytes(4)),
    "more data": tensors(data=bytes(12)),
    "a header of 2^60": tensors(length=2**60),
    "an overlap": tensors(HEADER[:-1] + b',"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}'),
    "a hole": tensors(HEADER.replace(b"[0,8]", b"[4,12]"), bytes(12)),
    "an unknown kind": tensors(HEADER.replace(b"F32", b"Q99")),
    "an overflow": tensors(HEADER.replace(b"[2]", b"[4611686018427387904,4]")),
    "a web page": b"<!doctype html><html><title>404</title></html>",
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    "a zip of pickles": b"PK\x03\x04" + bytes(60),
}


@case(60, "refused")
def b60_damaged_weights_are_named(room: Room) -> None:
    from studio.engine.network.weights import read_shapes, read_tensors
    from studio.scene.errors import DamagedWeights

    for name, data in DAMAGED.items():
        path = room.folder / "broken.safetensors"
        path.write_bytes(data)
        for read in (read_tensors, lambda path: read_shapes([path])):
            with pytest.raises(DamagedWeights) as told:
                read(path)
            assert "broken.safetensors" in str(told.value), name


def style_bytes(**changed: Any) -> bytes:
    import torch
    from safetensors.torch import save

    first = "transformer.transformer_blocks.0.attn.to_q"
    whole = {
        f"{first}.lora_A.weight": torch.ones(2, 64),
        f"{first}.lora_B.weight": torch.ones(64, 2),
    }
    return save({**whole, **changed})


def read_style_of(room: Room, data: bytes, name: str = "odd.safetensors") -> Any:
    from diffusers import FluxTransformer2DModel

    from studio.engine.styles.reading import read_style

    path = room.folder / name
    path.write_bytes(data)
    flux: Any = FluxTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=4,
        joint_attention_dim=16,
        pooled_projection_dim=16,
        axes_dims_rope=(4, 6, 6),
    )
    return read_style(path, flux)


@case(61, "refused")
def b61_weights_that_are_no_numbers(room: Room) -> None:
    import torch

    broken = {"transformer.transformer_blocks.0.attn.to_q.lora_B.weight": torch.full((64, 2), NAN)}
    with pytest.raises(StudioError, match=r"odd\.safetensors"):
        read_style_of(room, style_bytes(**broken))


@case(62, "refused")
def b62_pickles(room: Room) -> None:
    for ending in (".pt", ".ckpt", ".bin", ".pkl"):
        with pytest.raises(StudioError, match="safetensors"):
            read_style_of(room, b"\x80\x04cos\nsystem\n.", f"odd{ending}")


@case(63, "refused")
def b63_styles_of_another_model(room: Room) -> None:
    import torch

    for odd in (
        {
            "unet.down.0.lora_A.weight": torch.ones(2, 8),
            "unet.down.0.lora_B.weight": torch.ones(8, 2),
        },
        {"__class__.lora_A.weight": torch.ones(2, 8), "__class__.lora_B.weight": torch.ones(8, 2)},
        {"nothing": torch.ones(1)},
    ):
        from safetensors.torch import save

        with pytest.raises(StudioError, match=r"odd\.safetensors"):
            read_style_of(room, save(odd))


@case(64, "refused")
def b64_strengths_out_of_range(room: Room) -> None:
    from studio.scene.style import Style

    for strength in (-5, 1e6, NAN, INFINITE):
        with pytest.raises(StudioError) as told:
            Style("a.safetensors", strength)
        assert "strength" in str(told.value)
    assert Sampling().styles == ()


# 65 and 66: the clipboard and other sites


@case(65, "refused")
def b65_a_clipboard_without_a_picture(room: Room) -> None:
    refused(room, "open_files", "not a picture", files=[{"name": "file", "data": b"<html>"}])
    refused(room, "open_files", "no file", files=[])


@case(66, "refused")
def b66_other_sites_and_names(room: Room) -> None:
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("in"))])
    http = TestClient(Guard(app), base_url="http://127.0.0.1:7860")
    form = [("files", ("a.png", b"x"))]
    for headers in (
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"host": "evil.example"},
    ):
        assert http.post("/", files=form, headers=headers).status_code == 403
        assert "access-control-allow-origin" not in http.get("/", headers=headers).headers
    simple = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert http.post("/", files=form, headers=simple).status_code == 403
