"""XMP, the notes that editors write: patched as text, and a place for the recipe.

No XML reader sees what comes from outside, so there is none to attack.
"""

from __future__ import annotations

import base64
import re
import zlib

from studio.files.limits import LARGEST_RECIPE
from studio.scene.errors import PictureFileError

_NAMESPACE = b"urn:seg2any-studio:recipe:1"
_ORIENTATION = re.compile(rb"""(tiff:Orientation\s*(?:=\s*["']?|>)\s*)\d+""")
_PREVIEWS = re.compile(rb"<(xmp|xap):Thumbnails>.*?</\1:Thumbnails>", re.DOTALL)
_OURS = re.compile(
    rb'<rdf:Description rdf:about="" xmlns:seg2any="[^"]*" seg2any:recipe="([A-Za-z0-9+/=]*)"/>'
)
_END = b"</rdf:RDF>"
_EMPTY = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'
    b'</x:xmpmeta><?xpacket end="w"?>'
)


def turned_packet(packet: bytes, orientation: int = 1) -> bytes:
    """The same notes for pixels that are stored in that orientation."""
    return _ORIENTATION.sub(rb"\g<1>%d" % orientation, packet)


def without_previews(packet: bytes) -> bytes:
    """The same notes without small pictures of what the photo was."""
    return _PREVIEWS.sub(b"", packet)


def with_recipe(packet: bytes | None, text: str) -> bytes:
    """The notes with the recipe, in place of one that was there."""
    plain = _OURS.sub(b"", packet or b"")
    if not plain.count(_END):
        plain += _EMPTY  # notes of a kind that we do not know stay in front of ours
    before, _, after = plain.rpartition(_END)
    ours = b'<rdf:Description rdf:about="" xmlns:seg2any="%b" seg2any:recipe="%b"/>'
    return before + ours % (_NAMESPACE, pack_text(text)) + _END + after


def recipe_of(packet: bytes, name: str) -> bytes | None:
    found = _OURS.search(packet)
    return None if found is None else unpack_text(found[1], name)


def pack_text(text: str) -> bytes:
    """As it stands in XMP and in comments: deflated, in letters that every reader lets through."""
    return base64.b64encode(zlib.compress(text.encode()))


def unpack_text(packed: bytes, name: str) -> bytes:
    try:
        coder = zlib.decompressobj()
        plain = coder.decompress(base64.b64decode(packed, validate=True), LARGEST_RECIPE + 1)
    except (zlib.error, ValueError) as fault:
        raise PictureFileError("{name} holds a damaged recipe.", name=name) from fault
    if len(plain) > LARGEST_RECIPE:
        raise PictureFileError(
            "{name} holds a recipe over {megabytes} MB.",
            name=name,
            megabytes=LARGEST_RECIPE // 2**20,
        )
    if not coder.eof:
        raise PictureFileError("{name} holds a damaged recipe.", name=name)
    return plain
