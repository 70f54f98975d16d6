"""The rules of DESIGN §5 that need the tree, or what git made of the patch."""

from collections.abc import Callable, Iterable, Mapping

from runs_app.gitops.inspection import Inspection
from runs_app.gitops.inspection.rules import find_mode_refusal, find_policy_refusal, show_path
from runs_app.gitops.objects import SUBMODULE_MODE, SYMLINK_MODE, Entry, loose_body, loose_size
from runs_app.gitops.paths import find_path_problems, find_symlink_problem
from runs_app.gitops.plumbing import GitObject
from runs_app.gitops.quarantine import Quarantine
from runs_app.gitops.trees import Clash, TouchedTree, describe_clash
from runs_app.gitops.types import ChangeKind, PathPolicy, Refusal, RefusalCode

ReadObject = Callable[[str], GitObject | None]
FindSize = Callable[[str], tuple[str, int] | None]
"""Kind and size of an object of the repository."""


def find_obstacle_refusals(tree: TouchedTree, inspection: Inspection) -> list[Refusal]:
    """Paths that pass through a symlink, a file or a submodule, unless the patch itself takes that away."""
    leaving = {file.path for file in inspection.files if file.kind is ChangeKind.DELETED}
    leaving |= {file.old_path for file in inspection.files if file.kind is ChangeKind.RENAMED}
    refusals: dict[Refusal, None] = {}
    for path in sorted(inspection.touched_paths):
        obstacle = tree.find_obstacle(path.encode())
        if obstacle is not None and show_path(obstacle[0]) not in leaving:
            clash = describe_clash(*obstacle)
            line = inspection.header_lines.get(path)
            refusals[Refusal(clash.code, f"{show_path(clash.path)}: {clash.detail}", path, line)] = None
    return list(refusals)


def find_result_refusals(
    changes: Mapping[bytes, Entry | None],
    clashes: Iterable[Clash],
    quarantine: Quarantine,
    inspection: Inspection,
    policy: PathPolicy,
    before: Mapping[bytes, Entry],
    read_object: ReadObject,
    find_size: FindSize,
) -> list[Refusal]:
    """Hold what git did against the rules, whatever was read in the patch's text before."""
    refusals: dict[Refusal, None] = {}
    known = {entry.object_id for entry in before.values()}
    for clash in clashes:
        path = show_path(clash.path)
        line = inspection.header_lines.get(path)
        refusals[Refusal(clash.code, clash.detail, path, line)] = None
    for name, entry in changes.items():
        path = show_path(name)
        line = inspection.header_lines.get(path)
        found = [Refusal(problem.code, problem.detail, path, line) for problem in find_path_problems(name)]
        found.extend(find_policy_refusal(path, policy, line))
        if path not in inspection.touched_paths:
            detail = "git changes this file, but the patch does not name it"
            found.append(Refusal(RefusalCode.PATCH_MALFORMED, detail, path))
        if name in before and before[name].mode == SUBMODULE_MODE:
            found.extend(find_mode_refusal(SUBMODULE_MODE, path, policy, line))
        if entry is not None:
            found.extend(find_mode_refusal(entry.mode, path, policy, line))
            if entry.object_id not in known:
                found.extend(_size_refusals(entry, path, line, quarantine, policy, find_size))
            found.extend(_target_refusals(entry, path, line, quarantine, policy, read_object))
        refusals.update(dict.fromkeys(found))
    return list(refusals)


def _size_refusals(
    entry: Entry,
    path: str,
    line: int | None,
    quarantine: Quarantine,
    policy: PathPolicy,
    find_size: FindSize,
) -> list[Refusal]:
    """Hold new content to the limit, also if the repository has an object of that content already."""
    if entry.mode == SUBMODULE_MODE:
        return []
    object_id = entry.object_id.hex()
    content = quarantine.find(object_id)
    if content is not None:
        kind, size = "blob", loose_size(content)
    else:
        kind, size = find_size(object_id) or ("missing", 0)
    if kind != "blob":
        return [Refusal(RefusalCode.PATCH_MALFORMED, f"the content is a {kind} object", path, line)]
    if size > policy.max_file_bytes:
        detail = f"{size} bytes; {policy.max_file_bytes} are allowed"
        return [Refusal(RefusalCode.FILE_TOO_LARGE, detail, path, line)]
    return []


def _target_refusals(
    entry: Entry,
    path: str,
    line: int | None,
    quarantine: Quarantine,
    policy: PathPolicy,
    read_object: ReadObject,
) -> list[Refusal]:
    if entry.mode != SYMLINK_MODE or not policy.allow_symlinks:
        return []
    object_id = entry.object_id.hex()
    content = quarantine.find(object_id)
    if content is not None:
        target = loose_body(content)
    else:
        existing = read_object(object_id)
        target = existing.body if existing is not None else b""
    problem = find_symlink_problem(path, target)
    return [Refusal(problem.code, problem.detail, path, line)] if problem else []
