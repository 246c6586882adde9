"""The page's own files, read once: scripts and styles under a name that changes with them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent / "page"
_MEDIA = {
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


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
                f'<link rel="stylesheet" href="{base}studio.css">',
                *(f'<link rel="modulepreload" href="{base}{name}">' for name in scripts),
            ]
        )


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
