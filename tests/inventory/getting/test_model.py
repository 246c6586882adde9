"""Getting a model from a hub on loopback: broken off anywhere, it goes on, and is verified."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studio.inventory.getting.hub import Hub, patterns_of
from studio.inventory.getting.model import (
    PUBLISHED,
    GetProgress,
    Getting,
    known_model,
    seconds_left,
    shown_bytes,
)
from studio.inventory.getting.transfer import Retries, disk_fault
from studio.inventory.sam2 import find_sam2
from studio.inventory.stock import take_stock
from studio.scene.errors import (
    BadInput,
    Cancelled,
    DamagedWeights,
    GatedWeights,
    HubError,
    StorageError,
    StudioError,
)
from tests.hub_server import TOKEN, LoopbackHub, running

SAM = known_model("sam2.1-hiera-tiny")
FLUX = known_model("FLUX.1-schnell")
WEIGHTS = random.Random(7).randbytes(700_001)
AT_ONCE = Retries(most=3, seconds=0.0)
FILES = {
    "config.json": b'{"model_type": "sam2_video"}',
    "model.safetensors": WEIGHTS,
    "sam2.1_hiera_tiny.pt": b"a pickle",
    "README.md": b"words",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with running(LoopbackHub({SAM.repository: dict(FILES)})) as served:
        yield served


def getting(hub: LoopbackHub, weights: Path, **parts: object) -> Getting:
    return Getting(weights, Hub(hub.address), retries=AT_ONCE, **parts)  # type: ignore[arg-type]


def whole(folder: Path) -> bool:
    return (folder / "model.safetensors").read_bytes() == WEIGHTS


def rest_of(path: str, hub: LoopbackHub) -> int:
    """How many bytes the one answer had that began in the middle."""
    (count,) = [count for sent, asked, count in hub.sent if sent == path and asked]
    return count


def stop_after(most: int) -> tuple[Callable[[GetProgress], None], Callable[[], None]]:
    """A user who presses pause once so many bytes are there."""
    seen = [0]

    def report(progress: GetProgress) -> None:
        seen[0] = max(seen[0], progress.done)

    def check() -> None:
        if seen[0] >= most:
            raise Cancelled("The job was stopped.")

    return report, check


def test_a_model_arrives_whole_and_nothing_else_does(hub: LoopbackHub, tmp_path: Path) -> None:
    folder = getting(hub, tmp_path).get(SAM)

    assert whole(folder)
    assert sorted(each.name for each in folder.rglob("*")) == ["config.json", "model.safetensors"]
    assert find_sam2(tmp_path) == folder


def test_its_progress_grows_to_the_whole(hub: LoopbackHub, tmp_path: Path) -> None:
    told: list[GetProgress] = []
    getting(hub, tmp_path, report=told.append).get(SAM)

    total = len(WEIGHTS) + len(FILES["config.json"])
    assert told[0].phase == "look"
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert (told[-1].done, told[-1].total) == (total, total)
    assert {"fetch", "verify"} <= {each.phase for each in told}


@pytest.mark.parametrize("seed", range(4))
def test_a_line_that_breaks_at_any_byte_goes_on_from_there(
    hub: LoopbackHub, tmp_path: Path, seed: int
) -> None:
    hub.cuts = [random.Random(seed).randrange(1, 150_000) for _ in range(4)]
    cuts = sum(hub.cuts)

    assert whole(getting(hub, tmp_path).get(SAM))
    assert hub.bytes_sent("model.safetensors") == len(WEIGHTS)  # no byte was sent twice
    assert hub.sent[-1][1] == f"bytes={cuts}-"


def test_a_line_that_stays_broken_says_so_and_keeps_what_is_there(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.cuts = [100_000] + [0] * 10
    with pytest.raises(HubError, match=r"does not answer.* is kept, and the next try goes on"):
        getting(hub, tmp_path).get(SAM)
    hub.cuts = []
    hub.sent.clear()

    assert whole(getting(hub, tmp_path).get(SAM))
    assert hub.bytes_sent("model.safetensors") == len(WEIGHTS) - 100_000


def test_a_pause_keeps_what_is_there_and_the_next_start_goes_on(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.piece, hub.pace = 20_000, 0.02
    report, check = stop_after(100_000)
    with pytest.raises(Cancelled):
        getting(hub, tmp_path, report=report, check=check).get(SAM)
    (found,) = [each for each in take_stock(tmp_path) if each.name == SAM.name]
    assert not found.is_ready
    hub.pace = 0

    assert whole(getting(hub, tmp_path).get(SAM))
    assert rest_of("model.safetensors", hub) < len(WEIGHTS)


def test_a_server_without_ranges_begins_anew(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.cuts, hub.has_ranges = [300_000], False

    assert whole(getting(hub, tmp_path).get(SAM))


def test_a_part_of_other_weights_is_not_gone_on_with(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.cuts = [300_000] + [0] * 10
    with pytest.raises(HubError):
        getting(hub, tmp_path).get(SAM)
    other = bytes(len(WEIGHTS))
    hub.cuts, hub.models[SAM.repository]["model.safetensors"] = [], other

    folder = getting(hub, tmp_path).get(SAM)

    assert (folder / "model.safetensors").read_bytes() == other


@pytest.mark.parametrize("path", ["model.safetensors", "config.json"])
def test_a_wrong_digest_is_named_and_thrown_away(
    hub: LoopbackHub, tmp_path: Path, path: str
) -> None:
    hub.wrong = {path}
    with pytest.raises(DamagedWeights, match=f"{path} arrived with another digest"):
        getting(hub, tmp_path).get(SAM)
    assert not (tmp_path / SAM.name / path).exists()
    assert not list((tmp_path / SAM.name).rglob(f"{path}*"))
    hub.wrong = set()

    assert whole(getting(hub, tmp_path).get(SAM))


def test_a_file_that_is_right_already_is_not_fetched_again(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    folder = getting(hub, tmp_path).get(SAM)
    hub.sent.clear()

    getting(hub, tmp_path).get(SAM)
    assert hub.sent == []
    (folder / "model.safetensors").write_bytes(bytes(len(WEIGHTS)))
    assert whole(getting(hub, tmp_path).get(SAM))


def test_a_disk_with_too_little_room_is_refused_before_the_first_byte(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    huge = hub.models[SAM.repository]
    real = huge["model.safetensors"]

    class Endless(bytes):
        def __len__(self) -> int:
            return 10**17

    huge["model.safetensors"] = Endless(real)
    with pytest.raises(StorageError, match=r"needs 100000000\.0 GB more, and .* GB are free"):
        getting(hub, tmp_path).get(SAM)
    assert hub.sent == []


@contextmanager
def quota(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the system itself refuses the next write."""
    resource = pytest.importorskip("resource")  # not on Windows
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_takes_no_more_is_told_and_the_download_goes_on_later(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    with quota(250_000), pytest.raises(StorageError, match="cannot be written: File too large"):
        getting(hub, tmp_path).get(SAM)
    (part,) = (tmp_path / SAM.name).rglob("*.incomplete")
    assert part.stat().st_size == 250_000
    hub.sent.clear()

    assert whole(getting(hub, tmp_path).get(SAM))
    assert hub.bytes_sent("model.safetensors") == len(WEIGHTS) - 250_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root on Linux")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_meanwhile_is_told_and_the_download_goes_on_later(
    hub: LoopbackHub, small_disk: Path
) -> None:
    other = small_disk / "other"

    def somebody_else_writes(progress: GetProgress) -> None:
        if progress.phase == "fetch" and not other.exists():
            other.write_bytes(bytes(500_000))

    with pytest.raises(StorageError, match=r"The disk is full at .*the download again: it goes on"):
        getting(hub, small_disk, report=somebody_else_writes).get(SAM)
    (part,) = (small_disk / SAM.name).rglob("model*.incomplete")
    there = part.stat().st_size
    assert there > 100_000
    other.unlink()

    assert whole(getting(hub, small_disk).get(SAM))
    assert rest_of("model.safetensors", hub) == len(WEIGHTS) - there


def test_a_full_disk_says_what_to_do() -> None:
    fault = disk_fault(Path("weights/x"), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    assert str(fault) == (
        "The disk is full at weights/x. Free some space and start the download again: it goes on "
        "with what is there."
    )


def test_gated_weights_without_a_token_explain_what_to_do(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "")
    hub.models[FLUX.repository] = {"model_index.json": b"{}"}
    hub.gated = {FLUX.repository: {TOKEN}}

    with pytest.raises(GatedWeights) as caught:
        getting(hub, tmp_path).get(FLUX)

    text = str(caught.value)
    assert f"open {hub.address}/{FLUX.repository}, accept its terms (Apache-2.0)" in text
    assert f"{hub.address}/settings/tokens" in text


def test_a_token_whose_owner_has_not_accepted_is_told_so(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.models[FLUX.repository] = {"model_index.json": b"{}"}
    hub.gated = {FLUX.repository: set()}

    with pytest.raises(GatedWeights, match="your account may not fetch it yet") as caught:
        getting(hub, tmp_path).get(FLUX)
    assert TOKEN not in str(caught.value)
    hub.gated[FLUX.repository].add(TOKEN)

    assert (getting(hub, tmp_path).get(FLUX) / "model_index.json").is_file()


def test_a_hub_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    nowhere = Getting(tmp_path, Hub("http://127.0.0.1:9"), retries=AT_ONCE)

    with pytest.raises(HubError) as caught:
        nowhere.get(SAM)

    assert str(caught.value) == (
        "The hub at http://127.0.0.1:9 does not answer (ConnectError). Is this computer online? "
        "What is here already is kept, and the next try goes on with it."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "match"), [(503, "answers with error 503"), (404, "is not there any more")]
)
def test_a_hub_in_trouble_is_named(hub: LoopbackHub, tmp_path: Path, code: int, match: str) -> None:
    hub.error = code

    with pytest.raises(HubError, match=match):
        getting(hub, tmp_path).get(SAM)


@pytest.mark.parametrize("path", ["../outside.json", "/etc/outside.json"])
def test_a_file_outside_the_folder_is_refused(hub: LoopbackHub, tmp_path: Path, path: str) -> None:
    hub.models[SAM.repository][path] = b"{}"

    with pytest.raises(DamagedWeights, match="lies outside its folder; nothing was fetched"):
        getting(hub, tmp_path).get(SAM)


def test_two_downloads_of_one_model_do_not_meet(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.piece, hub.pace = 20_000, 0.05
    first = threading.Thread(target=lambda: getting(hub, tmp_path).get(SAM))
    first.start()
    while not list(tmp_path.rglob("*.incomplete")):
        time.sleep(0.01)

    with pytest.raises(StorageError, match="is being downloaded by another studio"):
        getting(hub, tmp_path).get(SAM)
    hub.pace = 0
    first.join()

    assert whole(tmp_path / SAM.name)


def test_no_pickle_is_ever_fetched() -> None:
    for known in PUBLISHED:
        include, exclude = patterns_of(known)
        assert {"*.bin", "*.pt", "*.ckpt"} <= set(exclude)
        assert not any(pattern.endswith((".pt", ".bin")) for pattern in include)
    assert patterns_of(FLUX)[1][:2] == ["flux1-*.safetensors", "ae.safetensors"]
    assert patterns_of(SAM)[0] == ["*.json", "model.safetensors"]


def test_two_parts_of_a_base_share_a_folder(hub: LoopbackHub, tmp_path: Path) -> None:
    clip, t5 = known_model("clip_l"), known_model("t5xxl")
    hub.models[clip.repository] = {
        name: name.encode() for name in ("clip_l.safetensors", "t5xxl_fp16.safetensors", "x.json")
    }

    folders = {getting(hub, tmp_path).get(known) for known in (clip, t5)}

    assert folders == {tmp_path / "flux_text_encoders"}
    names = sorted(each.name for each in folders.pop().iterdir())
    assert names == ["clip_l.safetensors", "t5xxl_fp16.safetensors"]


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(BadInput, match=r"no 'sam9' among .*FLUX\.1-dev, .*sam2\.1-hiera-large"):
        known_model("sam9")


def test_time_left_follows_what_arrived() -> None:
    assert seconds_left([(0.0, 100), (2.0, 300)], 700) == 4.0
    assert seconds_left([(0.0, 100), (0.5, 300)], 700) is None
    assert seconds_left([(0.0, 100), (5.0, 100)], 700) is None


def test_sizes_are_shown_as_disks_count_them() -> None:
    assert shown_bytes(156_000_000) == "156 MB"
    assert shown_bytes(34_000_000_000) == "34.0 GB"


COMMAND = [sys.executable, "-m", "studio", "get"]


def at(hub: LoopbackHub, home: Path) -> dict[str, str]:
    """The hub library's own variables say where the hub is, and where it keeps a token."""
    return {**os.environ, "HF_ENDPOINT": hub.address, "HF_HOME": str(home), "NO_COLOR": "1"}


@pytest.mark.slow
def test_the_command_goes_on_after_it_was_stopped(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.piece, hub.pace = 20_000, 0.1
    weights = tmp_path / "weights"
    command = [*COMMAND, SAM.name, "--weights", str(weights)]
    first = subprocess.Popen(command, env=at(hub, tmp_path), stderr=subprocess.PIPE, text=True)
    while not any(part.stat().st_size for part in weights.rglob("*.incomplete")):
        time.sleep(0.02)
    first.send_signal(signal.SIGINT)
    _, told = first.communicate(timeout=60)
    assert first.returncode == 130
    assert "the same command goes on" in told
    hub.pace = 0

    second = subprocess.run(command, env=at(hub, tmp_path), capture_output=True, text=True)

    assert second.returncode == 0, second.stderr
    assert "Apache-2.0" in second.stdout
    assert "--segmenter sam2.1-hiera-tiny" in second.stdout
    assert whole(weights / SAM.name)
    assert rest_of("model.safetensors", hub) < len(WEIGHTS)


@pytest.mark.slow
def test_a_token_is_kept_by_the_hub_library_and_shown_nowhere(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.models[FLUX.repository] = {"model_index.json": b"{}"}
    hub.gated = {FLUX.repository: {TOKEN}}
    script = (
        "import logging, sys; logging.basicConfig(level=1)\n"
        "from studio.inventory.getting.hub import Hub\n"
        "from studio.scene.errors import HubError\n"
        "try:\n Hub().keep_token('hf_wrong')\n"
        "except HubError as fault: print(fault)\n"
        f"print(Hub().keep_token({TOKEN!r}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], env=at(hub, tmp_path), capture_output=True, text=True
    )
    assert told.stdout.splitlines() == [
        f"The hub does not know this token; copy it whole from {hub.address}/settings/tokens, or "
        "make a new one there with read access.",
        "anna",
    ]
    assert TOKEN not in told.stderr
    assert "hf_wrong" not in told.stderr
    assert (tmp_path / "token").read_text() == TOKEN

    command = [*COMMAND, FLUX.name, "--weights", str(tmp_path / "weights"), "--debug"]
    got = subprocess.run(command, env=at(hub, tmp_path), capture_output=True, text=True)

    assert got.returncode == 0, got.stderr
    assert TOKEN not in got.stdout + got.stderr
    assert not [each for each in (tmp_path / "weights").rglob("*") if TOKEN in each.name]


@pytest.mark.slow
def test_the_command_explains_gated_weights(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.models[FLUX.repository] = {"model_index.json": b"{}"}
    hub.gated = {FLUX.repository: {TOKEN}}
    command = [*COMMAND, FLUX.name, "--weights", str(tmp_path / "weights")]

    told = subprocess.run(
        command, env=at(hub, tmp_path), capture_output=True, text=True, stdin=subprocess.DEVNULL
    )

    assert told.returncode == 2
    assert "accept its terms (Apache-2.0)" in told.stderr


def test_the_command_lists_what_can_be_had(tmp_path: Path) -> None:
    told = subprocess.run(
        [*COMMAND, "--weights", str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert all(known.name in told.stdout and known.licence in told.stdout for known in PUBLISHED)


def test_every_fault_is_of_ours() -> None:
    assert issubclass(HubError, StudioError)
    assert issubclass(GatedWeights, StudioError)
