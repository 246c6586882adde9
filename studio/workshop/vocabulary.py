"""The mini model's words: one token a word, with synonyms folded into words it was taught."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

from studio.scene.colour_names import COLOURS, SHADES
from studio.workshop.painting.ambience import AMBIENCES
from studio.workshop.painting.cutouts import Cutout
from studio.workshop.painting.materials import MATERIALS
from studio.workshop.painting.thin import THIN_THINGS
from studio.workshop.painting.things import THINGS

PAD, END, UNKNOWN, START = "<pad>", "</s>", "<unk>", "<s>"
CAPTION_TOKENS = 40
REGION_TOKENS = 16
POOLED_TOKENS = 48

_SILENT = [
    "a",
    "an",
    "the",
    "some",
    "of",
    "very",
    "is",
    "are",
    "it",
    "this",
    "that",
    "its",
    "coloured",
    "colored",
    "colour",
    "color",
    "colours",
    "colors",
    "photo",
    "picture",
    "image",
    "painting",
    "drawing",
]
_SYNONYMS = {
    "light blue": "sky blue|baby blue|powder blue",
    "grey": "gray|greyish|grayish|slate|ash",
    "dark red": "crimson|maroon|burgundy|wine red",
    "bright red": "scarlet|vermilion",
    "red": "ruby|reddish",
    "dark blue": "navy|indigo|navy blue|midnight blue",
    "bright blue": "azure",
    "blue": "cobalt|sapphire|bluish",
    "turquoise": "cyan|teal|aqua|aquamarine",
    "purple": "violet|plum|amethyst|magenta",
    "light purple": "lilac|lavender|mauve",
    "bright pink": "fuchsia|hot pink",
    "pink": "rose|rosy",
    "light orange": "salmon|coral|peach",
    "bright green": "lime",
    "green": "emerald|jade|greenish",
    "pale green": "mint",
    "olive": "khaki",
    "beige": "cream|tan|ecru",
    "white": "ivory|whitish",
    "dark brown": "chocolate|chestnut",
    "brown": "bronze|hazel",
    "orange": "amber|apricot",
    "bright yellow": "lemon",
    "dark yellow": "mustard|ochre",
    "dark grey": "charcoal|anthracite",
    "black": "ebony|jet black",
    "gold": "golden|gilded",
    "light": "lighter",
    "dark": "darker|deep dark|murky",
    "bright": "vivid|brilliant|saturated|intense",
    "pale": "faded|faint|washed out",
    "night": "nighttime|midnight",
    "day": "daytime|sunny|sunlight|sunshine|noon",
    "sunset": "dusk|sundown|sunrise|dawn",
    "foggy": "hazy|haze",
    "winter": "wintry|snowstorm|blizzard",
    "watercolour": "watercolor|aquarelle",
    "pencil": "graphite|crayon",
    "black and white": "b w|greyscale|grayscale",
    "neon": "cyberpunk|neons",
    "sea": "seas|oceans",
    "grass": "grasses|turf",
    "forest": "jungle|wood land|woodland",
    "wood": "wooden|timber|oak|walnut",
    "metal": "metallic|aluminium|aluminum|chrome",
    "rusty": "rusted|corroded",
    "snow": "snowy",
    "rock": "rocky|boulder|boulders",
    "brick": "brickwork",
    "knit": "knitted|woollen|woolen|knitwear",
    "fabric": "textile|linen|cotton|silk|velvet",
    "checks": "checkered|checked|chequered|plaid|checkerboard",
    "stripes": "striped|stripy",
    "dots": "dotted|polka dots|spotted",
    "soil": "dirt|mud",
    "harbour": "harbor|port|marina",
    "car": "automobile|vehicle|taxi",
    "boat": "ship|sailboat|yacht",
    "cup": "mug|teacup",
    "cat": "kitten|kitty",
    "house": "cottage|home|hut|cabin",
    "butterfly": "moth",
    "ball": "sphere|orb|globe",
    "badge": "medal|pin|coin|token|medallion",
    "flower": "blossom|daisy|rose flower",
    "mushroom": "toadstool|fungus",
    "fir": "pine|spruce|conifer",
    "umbrella": "parasol",
    "balloon": "ballon",
    "rim": "edge|border|frame",
    "from above": "aerial|birds eye view|bird s eye view|satellite view|top view|seen from above",
    "with": "having",
    "in front of": "before",
    "city": "town",
    "road": "street|highway|lane",
    "solar panels": "photovoltaic panels|photovoltaics|solar farm",
    "lake": "pond",
    "river": "stream|creek",
    "leaves": "foliage",
    "fire": "flame|flames",
    "gravel": "pebbles|pebble",
    "carpet": "rug|mat",
    "plastic": "vinyl",
    "tiles": "tiled",
    "planks": "floorboards|boards|board|parquet",
    "concrete": "cement",
    "denim": "jeans",
    "fields": "farmland",
    "flood": "flooded|flooding",
    "burnt": "burned|charred",
    "storm": "stormy|thunder",
    "clouds": "cloudy",
    "mountain": "mountainous|hill|hills",
}  # fmt: skip


def taught_words(cutouts: Sequence[Cutout] = ()) -> list[str]:
    """Every word the painter can say, with these cut-outs, sorted, as the tokenizer writes it."""
    phrases: list[str] = [
        *COLOURS,
        *SHADES,
        "gold",
        "silver",
        "with on in over and front background made",
    ]
    for named in (*MATERIALS, *THINGS, *AMBIENCES, *cutouts, *(THIN_THINGS if cutouts else ())):
        phrases.extend(named.phrases)
    phrases.extend(thing.part for thing in THINGS if thing.part)
    phrases.extend(_SYNONYMS)
    normaliser = _normaliser(_folded(cutouts), [])
    words = {word for phrase in phrases for word in normaliser.normalize_str(phrase).split()}
    return sorted(words)


def build_tokenizer(
    length: int, *, has_start: bool, cutouts: Sequence[Cutout] = ()
) -> PreTrainedTokenizerFast:
    """`has_start`: as CLIP reads, between <s> and </s>; else as T5 reads, with </s> at the end."""
    words = taught_words(cutouts)
    vocabulary = {word: i for i, word in enumerate([PAD, END, UNKNOWN, START, *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = _normaliser(_folded(cutouts), _plurals(words))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = [(END, vocabulary[END]), (START, vocabulary[START])]
    single = f"{START} $A {END}" if has_start else f"$A {END}"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=f"{single} $B {END}", special_tokens=special
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=length,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        bos_token=START,
        padding_side="right",
    )


def save_tokenizers(folder: Path, cutouts: Sequence[Cutout] = ()) -> None:
    for name, length, has_start in (
        ("tokenizer", POOLED_TOKENS, True),
        ("tokenizer_2", CAPTION_TOKENS, False),
    ):
        made = build_tokenizer(length, has_start=has_start, cutouts=cutouts)
        made.save_pretrained(folder / name)


def _folded(cutouts: Sequence[Cutout]) -> list[tuple[str, list[str]]]:
    """(word, what is folded into it), in the order of folding.

    What a cut-out is called is a name of its own and no longer another word for something else.
    """
    names = {_spelled(phrase) for cutout in cutouts for phrase in cutout.phrases}
    own = [pair for cutout in cutouts for pair in _own_words(cutout)]
    spoken = names | {other for _, others in own for other in others}
    painted = [
        (word, [other for other in others.split("|") if other not in spoken])
        for word, others in _SYNONYMS.items()
    ]
    return [*own, *((word, others) for word, others in painted if others)]


def _own_words(cutout: Cutout) -> list[tuple[str, list[str]]]:
    """A name to be read as one word, and the words that mean the same as the shortest name."""
    names = [_spelled(phrase) for phrase in cutout.phrases]
    joined = {name: name.replace(" ", "") if "one-word" in cutout.tags else name for name in names}
    pairs = [(word, [name]) for name, word in joined.items() if word != name]
    if cutout.also:
        pairs.append((joined[min(names, key=len)], [_spelled(other) for other in cutout.also]))
    return pairs


def _spelled(phrase: str) -> str:
    """As the tokenizer's first steps spell it, so that it can be matched there."""
    return re.sub(r"[^\w]+", " ", phrase.lower()).strip()


def _plurals(words: Iterable[str]) -> list[tuple[str, str]]:
    """(another form, the taught form) of words taught in the singular or in the plural only."""
    known = set(words)
    forms: list[tuple[str, str]] = []
    for word in sorted(known):
        if len(word) < 3:
            continue
        plural = _plural(word)
        if plural not in known and not word.endswith("s"):
            forms.append((plural, word))
        singular = word[:-1]
        if (
            word.endswith("s")
            and not word.endswith("ss")
            and len(singular) > 2
            and singular not in known
        ):
            forms.append((singular, word))
    return forms


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "sh", "ch")) else f"{word}s"


def _normaliser(
    folded: Iterable[tuple[str, list[str]]], forms: Iterable[tuple[str, str]]
) -> normalizers.Sequence:
    steps: list[normalizers.Normalizer] = [
        normalizers.NFKD(),
        normalizers.StripAccents(),
        normalizers.Lowercase(),
        normalizers.Replace(Regex(r"[\p{P}\p{S}\s]+"), " "),
    ]
    for word, others in folded:
        longest_first = "|".join(sorted(others, key=len, reverse=True))
        steps.append(normalizers.Replace(Regex(rf"\b(?:{longest_first})(?:e?s)?\b"), word))
    for other, word in forms:
        steps.append(normalizers.Replace(Regex(rf"\b{other}\b"), word))
    steps.append(normalizers.Replace(Regex(rf"\b(?:{'|'.join(_SILENT)})\b"), " "))
    return normalizers.Sequence(steps)
