"""What is written for whoever takes a feature over from a source. Pure."""

from catalog_app.choices import SourceVerdict
from catalog_app.interchange.entries import Json
from catalog_app.planning import phase_texts
from catalog_app.planning.drafts import Contents
from catalog_app.planning.layouts import NOTICES, NOTICES_FILE, Scope
from catalog_app.planning.phase_texts import Setting
from catalog_app.planning.tiers import is_standalone
from catalog_app.planning.types import PlannedFeature, SourceOption
from catalog_app.planning.wording import one_line


def write_reuse(feature: PlannedFeature, source: SourceOption, setting: Setting, scope: Scope) -> Contents:
    is_blocked = source.verdict is SourceVerdict.BLOCKED
    what = " ".join((source.repo_id, *source.paths))
    paths = setting.layout.allowed_paths(scope)
    return Contents(
        name=phase_texts.phase_name("Reuse", (feature,), f"from {source.repo_id}"),
        description=phase_texts.describe_reuse(feature, source, setting),
        acceptance_criteria=phase_texts.reuse_criteria(feature, source),
        allowed_paths=tuple(dict.fromkeys((*paths, *NOTICES))),
        blocked=_blocked(one_line(what), source) if is_blocked else "",
        spec=_reuse_spec(feature, source, setting),
    )


def _blocked(what: str, source: SourceOption) -> str:
    remedy = one_line(source.remedy or source.why)
    return f"Verify {what}." if remedy == "Verify it." else f"{what}: {remedy}"


def _reuse_spec(feature: PlannedFeature, source: SourceOption, setting: Setting) -> dict[str, Json]:
    stack = setting.stack
    slots = {each.slot: each.value for each in stack.slots}
    return {
        "feature_slug": feature.slug,
        "source_repo_id": source.repo_id,
        "source_repo_url": source.repo_url,
        "source_path": source.paths[0] if source.paths else "",
        "source_paths": list(source.paths),
        "pinned_commit": source.pinned_commit,
        "license": source.license,
        "compatibility_hints": {
            "stack": stack.profile,
            "slots": slots,
            "place": setting.layout.place(feature.slug or feature.key),
            "is_service": is_standalone(feature),
            "notes": source.notes,
        },
        "attribution": {
            "file": NOTICES_FILE,
            "repository": source.repo_url,
            "commit": source.pinned_commit,
            "license": source.license,
            "duties": list(source.duties),
        },
    }
