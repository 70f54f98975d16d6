"""What a patch says it does, and what of it breaks the rules, before git sees it. Pure.

git's own `apply` stays the authority on what a patch means; the parser here reads the same grammar, so that
every refusal can name its path and line. After the apply, the result is held against what was read here.
"""

from runs_app.gitops.inspection.rules import Inspection, inspect_patch

__all__ = ["Inspection", "inspect_patch"]
