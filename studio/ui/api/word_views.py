"""What a job that recognises has found, in JSON."""

from __future__ import annotations

from typing import Any

from studio.jobs.jobs import Job
from studio.scene.run_lengths import shape_of
from studio.scene.scene import Scene
from studio.service.recognising import Found, Suggested


def word_view(job: Job) -> dict[str, Any]:
    """Nothing of other jobs, and of those that have not ended."""
    if job.state != "done":
        return {}
    result = job.result
    if isinstance(result, Found):
        found = [
            {"shape": shape_of(mask), "score": round(score, 4), "caption": caption}
            for mask, score, caption in result.findings
        ]
        return {"found": found, "by": result.by}
    if isinstance(result, Suggested):
        captions = {"picture": result.picture, "regions": result.regions}
        return {"captions": captions, "by": result.by}
    if job.spec.kind == "worlds":
        return {"worlds": list(result)}
    if job.spec.kind == "layout" and isinstance(result, Scene):
        regions = [
            {"shape": shape_of(each.mask), "caption": each.caption, "gamma": each.gamma}
            for each in result.regions
        ]
        return {"layout": {"regions": regions, "caption": result.caption}}
    return {}
