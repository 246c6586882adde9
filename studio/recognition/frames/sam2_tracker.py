"""Follow a thing with SAM 2.1 (Ravi et al., 2024): its memory of the last frames, one in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.recognition.finder import Pixels
from studio.recognition.frames.tracker import Mask, Step
from studio.recognition.models.reading import (
    enough_memory,
    fitting_dtype,
    read_model,
    weights_digest,
)
from studio.scene.geometry import Extent
from studio.scene.region import Click
from studio.segmentation.loading import device_of
from studio.segmentation.sam2.sam2_segmenter import postprocess, preprocess

_THING = 1  # what the session calls it


@dataclass(frozen=True, eq=False)
class Sam2Tracker:
    """`dtype` is what frames are looked at in; the session's own numbers stay float32."""

    model: Any  # Sam2VideoModel
    name: str
    digest: str
    dtype: torch.dtype = torch.float32

    @property
    def needs_device(self) -> bool:
        return True

    @property
    def memory(self) -> int:
        """The frames that its memory attention reads."""
        return int(self.model.config.num_maskmem) - 1

    def begin(self, extent: Extent, step: Step) -> Sam2Track:
        return Sam2Track(self, extent, step)


class Sam2Track:
    """Frames are given one by one; what no later frame reads is forgotten."""

    def __init__(self, tracker: Sam2Tracker, extent: Extent, step: Step) -> None:
        from transformers import Sam2VideoInferenceSession

        self._tracker = tracker
        self._model = tracker.model
        self._extent = extent
        self._goes_back = step == -1
        place = self._model.device
        self._session: Any = Sam2VideoInferenceSession(
            video_height=extent.height,
            video_width=extent.width,
            inference_device=place,
            inference_state_device=place,
            video_storage_device=place,
            dtype=torch.float32,
        )
        self._thing = self._session.obj_id_to_idx(_THING)
        self._outputs: Any = self._session.output_dict_per_obj[self._thing]
        self._keeps = max(tracker.memory, int(self._model.config.max_object_pointers_in_encoder))

    @torch.inference_mode()
    def follow(self, number: int, image: Pixels, clicks: Sequence[Click] = ()) -> Mask:
        frame = self._frame(image)
        if not clicks:
            output = self._look(number, frame)
        else:
            if self._outputs["cond_frame_outputs"]:  # corrected in the light of what it remembers
                self._look(number, frame)
            self._session.add_point_inputs(self._thing, number, self._points(clicks))
            output = self._asked(number, frame)
            self._keep_for_ever(number)
        self._forget(number)
        return postprocess(output.pred_masks[0, 0].float(), self._extent)

    @torch.inference_mode()
    def recall(self, number: int, image: Pixels, mask: Mask, *, was_clicked: bool) -> None:
        side = self._side
        given = torch.from_numpy(mask.astype(np.float32))[None, None]
        fitted = torch.nn.functional.interpolate(given, (side, side), mode="bilinear")
        self._session.add_mask_inputs(self._thing, number, (fitted >= 0.5).float())
        self._asked(number, self._frame(image))
        if not was_clicked:
            outputs = self._outputs
            outputs["non_cond_frame_outputs"][number] = outputs["cond_frame_outputs"].pop(number)
        self._forget(number)

    @property
    def _side(self) -> int:
        return int(self._model.prompt_encoder.input_image_size)

    def _frame(self, image: Pixels) -> Tensor:
        return preprocess(image, self._side).to(self._model.device)

    def _points(self, clicks: Sequence[Click]) -> dict[str, Tensor]:
        scale = self._side / self._extent.width, self._side / self._extent.height
        places = [[click.x * scale[0], click.y * scale[1]] for click in clicks]
        labels = [click.label for click in clicks]
        return {
            "point_coords": torch.tensor(places, dtype=torch.float32)[None, None],
            "point_labels": torch.tensor(labels, dtype=torch.int32)[None, None],
        }

    def _asked(self, number: int, frame: Tensor) -> Any:
        """Look at a frame for which there is something new to heed."""
        self._session.obj_with_new_inputs = [_THING]
        output = self._look(number, frame)
        self._session.remove_point_inputs(self._thing, number)
        self._session.remove_mask_inputs(self._thing, number)
        return output

    def _look(self, number: int, frame: Tensor) -> Any:
        place, dtype = self._model.device, self._tracker.dtype
        is_half = dtype != torch.float32
        with (
            enough_memory(self._tracker.name, place),
            torch.autocast(place.type, dtype=dtype, enabled=is_half),
        ):
            return self._model(
                inference_session=self._session,
                frame_idx=number,
                frame=frame,
                reverse=self._goes_back,
            )

    def _keep_for_ever(self, number: int) -> None:
        """A clicked frame stays in view for all later ones, also where it was a correction."""
        outputs = self._outputs
        if number in outputs["non_cond_frame_outputs"]:
            outputs["cond_frame_outputs"][number] = outputs["non_cond_frame_outputs"].pop(number)

    def _forget(self, number: int) -> None:
        session = self._session
        session.processed_frames = {}
        session.cache.clear_all()
        session.frames_tracked_per_obj[self._thing].clear()
        recent = self._outputs["non_cond_frame_outputs"]
        for known in [each for each in recent if abs(each - number) > self._keeps]:
            del recent[known]
        for kind in self._outputs.values():
            for output in kind.values():
                output.pop("high_res_masks", None)
                if self._tracker.dtype == torch.float16:  # it keeps bfloat16, which does not mix
                    output["maskmem_features"] = output["maskmem_features"].half()


def read_sam2_video(folder: Path, device: str) -> Sam2Tracker:
    """The folder of SAM 2.1 as it is published holds what follows frames, too."""
    from transformers import Sam2VideoModel

    model = read_model(Sam2VideoModel, folder, "SAM 2.1 that follows frames")
    place = device_of(device)
    digest = f"sam2-video:{weights_digest(folder)}"
    return Sam2Tracker(model.to(place), folder.name, digest, fitting_dtype(place))
