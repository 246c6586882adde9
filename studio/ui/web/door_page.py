"""What is shown to who was not let in yet, in English or Chinese."""

from __future__ import annotations

import html
from collections.abc import Mapping, MutableMapping
from typing import Any

from studio.scene.sentences import Sentence, filled


def wants_page(headers: Mapping[bytes, str]) -> bool:
    """A person with a browser, not a program."""
    return "text/html" in headers.get(b"accept", "")


def enter_page(
    scope: MutableMapping[str, Any],
    headers: Mapping[bytes, str],
    trouble: Sentence | None,
    *,
    asks_token: bool,
) -> str:
    """The form that asks for the token, or for user and password."""
    is_chinese = headers.get(b"accept-language", "").lower().startswith("zh")
    words = _CHINESE if is_chinese else _ENGLISH
    told = trouble and filled(words.get(trouble.code, trouble.code), trouble.values)
    root = scope.get("root_path", "")
    address = f"{scope.get('scheme', 'http')}://{headers.get(b'host', '')}{root}/?token=…"
    values = {
        "{fields}": _TOKEN_FIELDS if asks_token else _LOGIN_FIELDS,
        "{trouble}": html.escape(told or ""),
        "{action}": html.escape(f"{root}/login"),
        "{address}": html.escape(address),
    }
    page = _PAGE
    for name, value in values.items():
        page = page.replace(name, value)
    for name in ("language", "user", "password", "enter", "where", "token"):
        page = page.replace("{" + name + "}", words[name])
    return page


def passage_page() -> str:
    """Asks for the page once more, from here."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Seg2Any Studio</title>'
        "<script>location.replace(location.pathname + '?' + location.hash)</script>"
        "</head></html>"
    )


_ENGLISH = {
    "language": "en",
    "user": "User",
    "password": "Password",
    "enter": "Enter",
    "where": "The studio opens by the address that it showed when it started, in its terminal:",
    "token": "Paste that address, or the token at its end",
}
_CHINESE = {
    "language": "zh-CN",
    "user": "用户",
    "password": "密码",
    "enter": "进入",
    "where": "请用工作室启动时在终端中显示的地址打开",
    "token": "粘贴该地址或其末尾的令牌",
    "That is not the user and password of this studio.": "用户名或密码不对。",
    "That is not the token of this start.": "这不是本次启动的令牌。",
    "This address is of an earlier start of the studio.": "此地址属于工作室之前的一次启动。",
    "Too many wrong logins; wait {seconds} seconds.": "登录失败次数过多。请等待 {seconds} 秒。",
}
_LOGIN_FIELDS = """<label>{user}
<input name="username" autocomplete="username" required autofocus></label>
<label>{password}
<input name="password" type="password" autocomplete="current-password" required></label>"""
_TOKEN_FIELDS = """<div class="where">{where}<code>{address}</code></div>
<label>{token}<input name="token" autocomplete="off" spellcheck="false" required autofocus></label>
"""
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Seg2Any Studio</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;min-height:100vh;margin:0}
form{display:grid;gap:.75rem;width:min(20rem,90vw)}
h1{font-size:1.25rem;margin:0}
label,.where{display:grid;gap:.25rem;font-size:.875rem}
code{overflow-wrap:anywhere}
input,button{font:inherit;padding:.5rem .75rem;border-radius:8px;border:1px solid #8888}
button{background:#2f6feb;border-color:#2f6feb;color:#fff;cursor:pointer}
p{margin:0;color:#c62828}@media(prefers-color-scheme:dark){p{color:#ff8a80}}
</style></head><body><form method="post" action="{action}"><h1>Seg2Any Studio</h1>
{fields}<p role="alert">{trouble}</p><button>{enter}</button></form></body></html>
"""
