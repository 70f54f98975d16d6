"""Why something was refused, beside the form that asked for it."""

from autopack.errors import AutopackError


def tell_refusal(error: AutopackError) -> str:
    """The refusal with every detail that it has, a line each."""
    details = [str(each["detail"]) for each in error.errors]
    return "\n".join(dict.fromkeys([error.detail, *details]))
