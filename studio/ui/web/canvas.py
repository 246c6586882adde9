"""The one component of the page: everything on screen lives in it and it is never re-mounted."""

from __future__ import annotations

from typing import Any

import gradio as gr

_TEMPLATE = '<div class="s2a"></div>'
_START = """
const root = element.querySelector(".s2a");
if (root && !root.dataset.mounted) {
  root.dataset.mounted = "true";
  const base = new URL("studio/", document.baseURI).href;
  const version = document.querySelector("meta[name=studio-version]").content;
  import(`${base}static/${version}/main.mjs`)
    .then((page) => page.mount(root, (request) => server.call(request), base))
    .catch((error) => { root.textContent = String(error); });
}
"""


class RegionCanvas(gr.HTML):
    """Tool strip, layout and result, region list, gamma and history; it asks through `call`.

    `call` takes one dict and answers one dict. `bodies.ComponentCalls` stands before Gradio and
    answers it; here it has only its name, so that the page's script gets its `server.call`.
    """

    def __init__(self, **settings: Any) -> None:
        def server_call(request: dict[str, Any]) -> None:
            raise AssertionError("calls of the component are answered before they come here")

        server_call.__name__ = "call"
        super().__init__(
            value="",
            html_template=_TEMPLATE,
            js_on_load=_START,
            server_functions=[server_call],
            apply_default_css=False,
            **settings,
        )

    def api_info(self) -> dict[str, Any]:
        return {"type": "string", "description": "the page; it holds no value"}
