"""What fills the disk, and giving back what is no longer wanted."""

from __future__ import annotations

from studio.project.store.disk import bytes_in
from studio.service.housekeeping import give_up, usage
from studio.ui.api.fields import Fields
from studio.ui.api.machine_views import disk_view
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.requests import FreeSpace
from studio.ui.api.views import history_view, strip_views

registry = Registry()


@registry.action
def storage(call: Call, given: Fields) -> Answer:
    """Bytes of this project by kind, of the visitor's projects, and of their bin."""
    del given
    store, owner = call.studio.store, call.access.owner
    store.save_all()
    store.disk.measure()
    return {
        "disk": disk_view(store.disk),
        "project": usage(call.session),
        "projects": [
            {
                "id": each.identity,
                "name": each.name,
                "bytes": bytes_in(store.root / each.identity),
            }
            for each in store.projects(owner)
        ],
        "bin": sum(bytes_in(folder) for folder in store.bin_of(owner)),
    }


@registry.action
def free_space(call: Call, given: FreeSpace) -> Answer:
    """Delete for ever: "deleted" or "drafts" or "strips" of this project, or the "bin"."""
    what = given.what
    if what == "bin":
        freed = call.studio.store.empty_bin(call.access.owner)
    else:
        call.studio.demos.check_may_forget(call.session)
        freed = give_up(call.session, what)
    return {
        "freed": freed,
        **storage(call, given),
        "history": history_view(call.session),
        "strips": strip_views(call.session),
    }
