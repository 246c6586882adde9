"""A simple Chinese sentence in the English words and order that the rules of layouts read."""

from __future__ import annotations

import re

from studio.engine.network.chinese import words as chinese_words

_COUNTS = {"一": "one", "两": "two", "二": "two", "三": "three", "四": "four", "五": "five",
           "六": "six", "七": "seven", "八": "eight", "九": "nine", "十": "ten", "几": "few",
           "许多": "many", "很多": "many", "一些": "some"}  # fmt: skip
_MEASURES = "个只座辆棵朵艘条张把幢栋片块匹头架颗轮本件顶双盏枚杯群幅间位名"
_SIZES = {"巨大": "huge", "大": "big", "小": "small", "高": "tall"}
_RELATIONS = (
    (("左边", "左侧", "左面"), "left of"), (("右边", "右侧", "右面"), "right of"),
    (("后面", "背后", "后方"), "behind"), (("前面", "前方"), "in front of"),
    (("旁边", "附近"), "next to"), (("上方", "上空"), "above"),
    (("上面", "上"), "on"), (("下面", "下方", "下"), "under"), (("里面", "中", "里"), "in"),
)  # fmt: skip
_PLACES = {"左边": "on the left", "左侧": "on the left", "右边": "on the right",
           "右侧": "on the right", "中间": "in the middle", "中央": "in the middle",
           "远处": "in the background", "背景": "in the background", "近处": "in the foreground",
           "前景": "in the foreground", "上方": "at the top", "下方": "at the bottom"}  # fmt: skip
# what the list of captions' words leaves out
_MORE = {"天空": "sky", "山": "mountains", "房子": "house", "树": "tree", "桌子": "table",
         "猫": "cat", "狗": "dog", "太阳": "sun", "月亮": "moon", "草地": "grass", "海": "sea",
         "湖": "lake", "河": "river", "船": "boat", "鸟": "bird", "花": "flower", "车": "car",
         "汽车": "car", "气球": "balloon", "人": "person", "云": "clouds", "雪": "snow",
         "沙滩": "beach", "路": "road", "苹果": "apple",
         "杯子": "cup", "椅子": "chair"}  # fmt: skip


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def in_english(sentence: str) -> tuple[str, dict[str, str]]:
    """The sentence in English, and for each caption in it the words as they were written."""
    own: dict[str, str] = {}
    clauses = re.split(r"[，。；、,.;!！?？\s]|和|以及|还有", sentence)  # noqa: RUF001
    told = [_clause(each, own) for each in clauses if each]
    return ", ".join(each for each in told if each), own


def _clause(text: str, own: dict[str, str]) -> str:
    """ "桌子上有一只猫": a cat on the table. "左边有一棵树": on the left a tree."""
    before, mark, after = text.partition("有")
    if not mark:
        before, mark, after = text.partition("是")
    if mark and after:
        place = next((name for name in _PLACES if before.endswith(name)), None)
        if place is not None and len(before) == len(place):
            return f"{_PLACES[place]} {_thing(after, own)}"
        beside = next(iter(reversed(own)), "")  # what was named last
        for names, relation in _RELATIONS:
            name = next((each for each in names if before.endswith(each)), None)
            if name is not None and len(before) > len(name):
                target = _thing(before[: -len(name)], own)
                return f"{_thing(after, own)} {relation} the {target}"
            if name is not None and beside:
                return f"{_thing(after, own)} {relation} the {beside}"
        return f"{_thing(before, own)} with {_thing(after, own)}" if before else _thing(after, own)
    return _in_place(text, own)


def _in_place(text: str, own: dict[str, str]) -> str:
    """ "桌子上的猫", "在山前面的房子": what, and where to what."""
    for names, relation in _RELATIONS:
        for name in names:
            target, mark, thing = text.removeprefix("在").partition(f"{name}的")
            if mark and target and thing:
                return f"{_thing(thing, own)} {relation} the {_thing(target, own)}"
    return _thing(text, own)


def _thing(text: str, own: dict[str, str]) -> str:
    text = text.strip("在的着了 ")
    count, rest = _counted(text)
    size = ""
    for name, english in _SIZES.items():
        if rest.startswith(name) and len(rest) > len(name):
            size, rest = english, rest[len(name) :].removeprefix("的")
            break
    english = _translated(rest)
    if not english:
        return ""
    own[english] = rest
    return " ".join(part for part in (count, size, english) if part)


def _counted(text: str) -> tuple[str, str]:
    for name in sorted(_COUNTS, key=len, reverse=True):
        rest = text[len(name) :]
        if text.startswith(name) and rest:
            is_measured = rest[0] in _MEASURES and len(rest) > 1
            if is_measured or len(name) > 1:
                return _COUNTS[name], rest[1:] if is_measured else rest
    return "", text


def _translated(text: str) -> str:
    known = {**dict(chinese_words()), **_MORE}
    for chinese in sorted(known, key=len, reverse=True):
        text = text.replace(chinese, f" {known[chinese]} ")
    return " ".join(text.split())
