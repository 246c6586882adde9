"""The hub that has the published weights: what a model is made of, and what hinders getting it."""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from studio.inventory.known import Known
from studio.scene.errors import DamagedWeights, GatedWeights, HubError, WeightsError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_NEVER = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.h5", "*.msgpack", "*.onnx*")
_LOOK_SECONDS = 20


@dataclass(frozen=True)
class HubFile:
    """A file as the hub describes it; large ones have a SHA-256, small ones git's own digest."""

    path: str  # inside the repository, with slashes
    size: int
    digest: str
    is_large: bool


@dataclass(frozen=True)
class Listing:
    """What is to be fetched of a model, the smallest first: what is refused is refused at once."""

    known: Known
    commit: str
    files: tuple[HubFile, ...]

    @property
    def total(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Hub:
    """endpoint: another hub's address; None is what the hub library is set to (HF_ENDPOINT)."""

    endpoint: str | None = None

    @cached_property
    def address(self) -> str:
        from huggingface_hub import constants

        return (self.endpoint or constants.ENDPOINT).rstrip("/")

    @property
    def has_token(self) -> bool:
        from huggingface_hub import get_token

        return get_token() is not None

    def page_of(self, known: Known) -> str:
        return f"{self.address}/{known.repository}"

    def listing(self, known: Known) -> Listing:
        with self.faults(known):
            found = self._api.model_info(
                known.repository, files_metadata=True, timeout=_LOOK_SECONDS
            )
        files = [_file_of(known, each) for each in found.siblings or [] if _wanted(known, each)]
        if not files or not found.sha:
            raise HubError(
                "{address} has no files of {name} that the studio reads; is this a hub?",
                address=self.page_of(known),
                name=known.name,
            )
        return Listing(known, found.sha, tuple(sorted(files, key=lambda file: file.size)))

    def url(self, listing: Listing, file: HubFile) -> str:
        from huggingface_hub import hf_hub_url

        return hf_hub_url(
            listing.known.repository, file.path, revision=listing.commit, endpoint=self.address
        )

    def headers(self) -> dict[str, str]:
        """With the token that the hub library keeps, if there is one."""
        from huggingface_hub.utils import build_hf_headers

        return {**build_hf_headers(), "Accept-Encoding": "identity"}

    def keep_token(self, token: str) -> str:
        """Let the hub library check a token and keep it; the name of its owner."""
        from huggingface_hub import login

        with self.faults():
            try:
                owner = self._api.whoami(token=token)
                login(token=token, add_to_git_credential=False, skip_if_logged_in=False)
            except (ValueError, OSError) as fault:
                if _status_of(fault) in (401, 403) or isinstance(fault, ValueError):
                    raise HubError(
                        "The hub does not know this token; copy it whole from {address}, or make "
                        "a new one there with read access.",
                        address=f"{self.address}/settings/tokens",
                    ) from None  # its text may quote the token
                raise
        return str(owner.get("name", "?"))

    @contextmanager
    def faults(self, known: Known | None = None) -> Iterator[None]:
        """What the hub library raises becomes one sentence of ours."""
        from huggingface_hub.errors import HfHubHTTPError, HTTPError, OfflineModeIsEnabled

        try:
            yield
        except OfflineModeIsEnabled as fault:
            raise HubError(
                "HF_HUB_OFFLINE is set, so nothing is fetched from the hub; unset it and try again."
            ) from fault
        except HfHubHTTPError as fault:
            raise self._refusal(known, fault) from fault
        except HTTPError as fault:
            raise HubError(
                "The hub at {address} does not answer ({kind}). Is this computer online? What is "
                "here already is kept, and the next try goes on with it.",
                address=self.address,
                kind=type(fault).__name__,
            ) from fault

    @cached_property
    def _api(self) -> HfApi:
        from huggingface_hub import HfApi

        return HfApi(endpoint=self.address)

    def _refusal(self, known: Known | None, fault: Exception) -> WeightsError:
        status = _status_of(fault)
        if known is not None and status in (401, 403):
            return self._gate(known, status)
        if known is not None and status == 404:
            return HubError(
                "{address} is not there any more; look for {name} on the hub.",
                address=self.page_of(known),
                name=known.name,
            )
        return HubError(
            "The hub at {address} answers with error {status}; try again in a few minutes.",
            address=self.address,
            status=status or 0,
        )

    def _gate(self, known: Known, status: int) -> GatedWeights:
        page, tokens = self.page_of(known), f"{self.address}/settings/tokens"
        if self.has_token:
            return GatedWeights(
                "{name} is gated, and your account may not fetch it yet: open {page}, accept its "
                "terms ({licence}), and try again. If you have, the token may not read gated "
                "models: {tokens}",
                name=known.name,
                page=page,
                licence=known.licence,
                tokens=tokens,
            )
        return GatedWeights(
            "{name} is gated: open {page}, accept its terms ({licence}), make a token with read "
            "access at {tokens}, and give it once; the hub library keeps it.",
            name=known.name,
            page=page,
            licence=known.licence,
            tokens=tokens,
        )


def patterns_of(known: Known) -> tuple[list[str], list[str]]:
    """What to take (nothing: all) and what to leave out, from the options of `hf download`."""
    taken: dict[str, list[str]] = {"--include": [], "--exclude": []}
    kind = "--include"
    for word in shlex.split(known.options):
        if word in taken:
            kind = word
        else:
            taken[kind].append(word)
    return taken["--include"], [*taken["--exclude"], *_NEVER]


def _wanted(known: Known, sibling: Any) -> bool:
    include, exclude = patterns_of(known)
    name = sibling.rfilename

    def fits(patterns: list[str]) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    return (not include or fits(include)) and not fits(exclude) and not name.startswith(".git")


def _file_of(known: Known, sibling: Any) -> HubFile:
    path, large = sibling.rfilename, sibling.lfs
    parts = PurePosixPath(path).parts
    digest = large.sha256 if large else sibling.blob_id
    size = large.size if large else sibling.size
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in path:
        raise DamagedWeights(
            "The hub names a file of {name} {path}, which lies outside its folder; nothing was "
            "fetched.",
            name=known.name,
            path=path,
        )
    if digest is None or size is None:
        raise DamagedWeights(
            "The hub tells no digest of {path} of {name}, so it could not be verified; nothing "
            "was fetched.",
            path=path,
            name=known.name,
        )
    return HubFile(path, size, digest, large is not None)


def _status_of(fault: BaseException) -> int | None:
    return getattr(getattr(fault, "response", None), "status_code", None)
