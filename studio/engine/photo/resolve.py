"""Which edits can be made: the scene fits the photo, and there is something to say."""

from __future__ import annotations

from studio.engine.photo.changes import changes
from studio.engine.sampling.resolve import ModelTraits, resolve_sampling
from studio.files.photo_file import open_photo
from studio.scene.errors import RequestError
from studio.scene.geometry import Bounds, Extent
from studio.scene.photo_edit import PhotoEdit
from studio.scene.request import RenderRequest, ResolvedRequest
from studio.scene.scene import Scene


def resolve_edit(request: RenderRequest, model: ModelTraits) -> ResolvedRequest:
    """Nothing is done to what was resolved for this very model before."""
    if isinstance(request, ResolvedRequest) and request.model == model.digest:
        return request
    edit, scene = request.edit, request.scene
    assert edit is not None
    extent = open_photo(edit).photo.extent
    if scene.extent != extent:
        raise RequestError(
            "The scene is {scene} pixels but the photo is {photo}; the regions of an edit are "
            "drawn at the photo's own size.",
            scene=scene.extent,
            photo=extent,
        )
    if edit.keep_subject:
        _check_subject(scene)
    if isinstance(edit.context, tuple):
        _check_context(request, edit, Bounds(*edit.context))
    return ResolvedRequest(
        scene,
        resolve_sampling(request.sampling, model),
        edit,
        rendered=scene,
        token_pixels=model.token_pixels,
        model=model.digest,
        model_size=model.recommended.size,
    )


def _check_subject(scene: Scene) -> None:
    if not scene.visible_regions:
        raise RequestError(
            "There is no subject to keep; the lowest region of the scene is the subject."
        )
    subject, *others = scene.visible_regions
    if subject.mask.pixels.all():
        raise RequestError(
            "The subject {subject!r:.60} fills the whole photo, so nothing is left to change; "
            "choose a smaller one.",
            subject=subject.name or subject.caption,
        )
    if scene.caption is None and not others:
        raise RequestError(
            "Nothing says what the world around the subject should be; give the scene a caption "
            "or another region."
        )


def _check_context(request: RenderRequest, edit: PhotoEdit, context: Bounds) -> None:
    """The box need not lie in the photo, but what changes has to lie in the box."""
    extent: Extent = request.scene.extent
    if edit.keep_subject:
        changed = [Bounds(0, 0, *extent)]
    else:
        changed = [change.box for change in changes(request)]
    for box in changed:
        is_seen = context.left <= box.left and context.top <= box.top
        if not is_seen or box.right > context.right or box.bottom > context.bottom:
            raise RequestError(
                "The context {context} leaves out a part of what changes, {box}; make it larger, "
                "or leave it to the studio.",
                context=", ".join(str(side) for side in context),
                box=", ".join(str(side) for side in box),
            )
