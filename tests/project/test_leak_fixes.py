"""What helps a region that shows its neighbour's words."""

from __future__ import annotations

from dataclasses import replace

from studio.project.document import Document
from studio.project.edits import set_region, set_sampling
from studio.project.hints import apply_fix
from studio.project.leak_fixes import leak_fixes
from studio.project.model_facts import ModelFacts
from tests.builders import two_region_scene

FACTS = ModelFacts(blocks=9)


def sketch() -> tuple[Document, str]:
    scene = two_region_scene()
    scene = scene.with_regions(replace(region, gamma=None) for region in scene.regions)
    return Document(scene), scene.regions[1].identity


def names(document: Document, identity: str) -> list[str]:
    return [fix.partition(":")[0] for fix, _ in leak_fixes(document, identity, 9)]


def test_only_what_would_change_something_is_offered() -> None:
    document, ball = sketch()
    assert names(document, ball) == ["isolate", "reseed"]
    loose = set_sampling(document, gamma=0.4, mask_method="align")
    assert names(loose, ball) == ["isolate", "reseed", "tighten"]
    assert names(set_region(loose, ball, gamma=1.0), ball) == ["isolate", "reseed"]
    assert names(set_sampling(document, isolation_blocks=(0, 8)), ball) == ["reseed"]
    assert names(document, "gone") == []


def test_each_fix_does_what_it_says() -> None:
    document, ball = sketch()
    loose = set_sampling(document, gamma=0.4, mask_method="align", seed=7)
    done = {
        name: apply_fix(loose, f"{name}:{ball}", FACTS) for name in ("isolate", "reseed", "tighten")
    }
    isolated = done["isolate"][0].sampling
    assert (isolated.mask_method, isolated.isolation_blocks) == ("isolate", (0, 8))
    assert done["tighten"][0].scene.region(ball).gamma == 1.0
    assert done["reseed"][0].scene.region(ball).seed == 8
    again, label = apply_fix(done["reseed"][0], f"reseed:{ball}", FACTS)
    assert again.scene.region(ball).seed == 9
    assert label == "seed of region 2"
