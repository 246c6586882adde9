"""The page's own files, read once: scripts and styles under a name that changes with them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent / "page"
_MEDIA = {
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
MANIFEST = "studio/manifest.webmanifest"
_LIGHT, _DARK = "#f6f7f8", "#1a1b1e"  # of the bar on top, as in studio.css


@dataclass(frozen=True)
class PageFiles:
    """Name to (content, media type); `version` stands for all of them."""

    files: dict[str, tuple[bytes, str]]
    version: str

    @property
    def head(self) -> str:
        """What goes into the page's head: the styles at once, the scripts ahead of their use."""
        base = f"studio/static/{self.version}/"
        scripts = sorted(name for name in self.files if name.endswith(".mjs"))
        return "\n".join(
            [
                f'<meta name="studio-version" content="{self.version}">',
                *_theme_colours(),
                # with the cookie of the login, which a browser does not send for a manifest else
                f'<link rel="manifest" href="{MANIFEST}" crossorigin="use-credentials">',
                f'<link rel="icon" type="image/svg+xml" href="{base}icon.svg">',
                f'<link rel="stylesheet" href="{base}studio.css">',
                *(f'<link rel="modulepreload" href="{base}{name}">' for name in scripts),
            ]
        )

    @property
    def manifest(self) -> bytes:
        """For browsers that install the studio as a program; its addresses are relative to it."""
        icons = [
            {"src": f"static/{self.version}/icon-{side}.png", "sizes": f"{side}x{side}"}
            for side in (192, 512)
        ]
        vector = {"src": f"static/{self.version}/icon.svg", "sizes": "any"}
        content = {
            "id": "../",
            "name": "Seg2Any Studio",
            "short_name": "Seg2Any",
            "description": "Say where and what: pictures from masks and captions",
            "start_url": "../",
            "scope": "../",
            "display": "standalone",
            "theme_color": _LIGHT,
            "background_color": _LIGHT,
            "icons": [
                *({**icon, "type": "image/png"} for icon in icons),
                {**vector, "type": "image/svg+xml"},
            ],
        }
        return json.dumps(content, indent=1).encode()


def _theme_colours() -> list[str]:
    return [
        f'<meta name="theme-color" content="{colour}" media="(prefers-color-scheme: {scheme})">'
        for scheme, colour in (("light", _LIGHT), ("dark", _DARK))
    ]


def read_page_files() -> PageFiles:
    found = sorted(path for path in _ROOT.rglob("*") if path.suffix in _MEDIA)
    files = {
        path.relative_to(_ROOT).as_posix(): (path.read_bytes(), _MEDIA[path.suffix])
        for path in found
    }
    digest = hashlib.sha256()
    for name, (content, _) in files.items():
        digest.update(name.encode())
        digest.update(content)
    return PageFiles(files, digest.hexdigest()[:12])
