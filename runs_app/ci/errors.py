"""What can go wrong around a step, as opposed to in it. None of it leaves the runner."""


class CiError(Exception):
    """Root. The text is for people."""


class CannotStart(CiError):
    """The machine did not let us start a step at all: no supervisor, no scratch folder."""


class CannotHide(CiError):
    """A hidden path that would leave the step without a file system."""


class ReportError(CiError):
    """There is no usable test report."""
