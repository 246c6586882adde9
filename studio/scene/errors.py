"""Every error the studio raises on purpose.

StudioError                   one clear sentence for the user, never a stack trace
├── BadInput                  a value from outside that is refused; nothing was changed
│   ├── SceneError            a scene or region that cannot be
│   ├── RequestError          a setting out of range, or a request that cannot be rendered
│   ├── PromptError           a click or box the segmenter cannot use
│   ├── SceneFileError        a scene file that cannot be read
│   ├── PictureFileError      a picture file that cannot be read
│   └── ProjectFileError      a project file that cannot be read
├── WeightsError              the model's files
│   ├── MissingWeights        a file or folder that is not there
│   ├── GatedWeights          published weights whose terms were not accepted yet
│   ├── HubError              the hub does not answer, or not as it should
│   ├── DamagedWeights        a file that is cut, corrupt or not safetensors
│   └── WrongArchitecture     tensors that do not fit the model
├── RenderError               the render itself failed
│   ├── NotFinite             NaN or infinite latents
│   └── OutOfMemory           the device has too little memory
├── StorageError              the disk is full, read-only or gone
├── SessionError              an unknown session or job, or an edit that came too late
└── Cancelled                 the user stopped it; not a fault
"""

from typing import Any

from studio.scene.sentences import say


class StudioError(Exception):
    """Base of everything raised on purpose; its sentence is shown to the user as it is.

    raise SceneError("Region {number} is locked; unlock it to change it.", number=3)
    """

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(say(template, **values))


class BadInput(StudioError):
    """A value from outside that is refused; nothing was changed."""


class SceneError(BadInput):
    """A scene or region that cannot be."""


class RequestError(BadInput):
    """A setting out of range, or a request that cannot be rendered."""


class PromptError(BadInput):
    """A click or box the segmenter cannot use."""


class SceneFileError(BadInput):
    """A scene file that cannot be read."""


class PictureFileError(BadInput):
    """A picture file that cannot be read."""


class ProjectFileError(BadInput):
    """A project file that cannot be read."""


class WeightsError(StudioError):
    """Something is wrong with the model's files."""


class MissingWeights(WeightsError):
    """A weights file or folder that is not there."""


class GatedWeights(WeightsError):
    """Published weights whose terms were not accepted yet."""


class HubError(WeightsError):
    """The hub does not answer, or not as it should."""


class DamagedWeights(WeightsError):
    """A weights file that is cut, corrupt or not safetensors."""


class WrongArchitecture(WeightsError):
    """Tensors that do not fit the model."""


class RenderError(StudioError):
    """The render itself failed."""


class NotFinite(RenderError):
    """Latents with NaN or infinite values."""


class OutOfMemory(RenderError):
    """The device has too little memory."""


class StorageError(StudioError):
    """The disk is full, read-only or gone."""


class SessionError(StudioError):
    """An unknown session or job, or an edit that came too late."""


class Cancelled(StudioError):
    """The user stopped it; not a fault."""
