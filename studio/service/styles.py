"""Styles as the page chooses them: by digest, out of the studio's own folder."""

from __future__ import annotations

import io
from pathlib import Path

from studio.files.picture_decoder import decode_picture
from studio.files.style_file import StyleFile, list_styles, style_picture
from studio.project.document import Document
from studio.scene.errors import BadInput, PictureFileError, RequestError
from studio.scene.sentences import say
from studio.scene.style import Style, StyleName

THUMBNAIL_SIDE = 192


def styles_in(document: Document) -> list[Style]:
    """Those of the whole picture, then those of regions, each file once."""
    regional = [region.style for region in document.scene.regions if region.style is not None]
    found = [*document.sampling.styles, *regional]
    return list({style.digest: style for style in found}.values())


def missing_styles(document: Document, folder: Path) -> list[Style]:
    wanted = styles_in(document)
    if not wanted:
        return []
    there = {each.digest for each in list_styles(folder)}
    return [style for style in wanted if style.digest not in there]


def missing_notices(document: Document, folder: Path) -> tuple[str, ...]:
    return tuple(
        say(
            "The style {name} is not in {folder}, so this scene opens but does not render with "
            "it; put its file there, or take the style off.",
            name=style.name,
            folder="weights/styles",
        )
        for style in missing_styles(document, folder)
    )


def chosen_style(document: Document, folder: Path, digest: str, strength: float) -> Style:
    """One that lies in the folder; one that the document has already may be missing."""
    found = next((each for each in list_styles(folder) if each.digest == digest), None)
    if found is not None:
        if found.fault is not None:
            raise RequestError(found.fault)
        return Style(StyleName(found.path.stem, digest), strength)
    known = next((each for each in styles_in(document) if each.digest == digest), None)
    if known is None:
        raise BadInput("There is no such style in {folder} any more.", folder="weights/styles")
    return Style(StyleName(known.name, digest), strength)


def style_thumbnail(style: StyleFile) -> bytes | None:
    """A small JPEG, whatever lies beside the file; None where that is no picture."""
    found = style_picture(style)
    if found is None:
        return None
    try:
        image = decode_picture(found[0])
    except PictureFileError:
        return None
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()
