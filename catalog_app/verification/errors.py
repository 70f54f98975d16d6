"""What can go wrong while a repository is fetched and read. No message carries a credential."""

from typing import ClassVar


class VerificationError(Exception):
    """Root of this package's errors. `code` is stable; `is_transient`: the same call may succeed later."""

    code: ClassVar[str] = "verification_failed"
    is_transient: ClassVar[bool] = False


class PlaceRefused(VerificationError):
    """Autopack does not fetch from there."""

    code = "place_refused"


class MalformedPlace(PlaceRefused):
    code = "malformed_place"


class TransportRefused(PlaceRefused):
    code = "transport_refused"


class HostRefused(PlaceRefused):
    code = "host_refused"


class CredentialsInUrl(PlaceRefused):
    code = "credentials_in_url"


class OutsideRoots(PlaceRefused):
    code = "outside_roots"


class FetchFailed(VerificationError):
    """The repository could not be brought here. What was fetched before stays."""

    code = "unreachable"
    is_transient = True


class RepositoryNotFound(FetchFailed):
    """There is none, it has moved, or it asks who we are."""

    code = "repository_not_found"
    is_transient = False


class EmptyRepository(FetchFailed):
    code = "empty_repository"
    is_transient = False


class MirrorTooLarge(FetchFailed):
    code = "too_large"
    is_transient = False


class FetchTimedOut(FetchFailed):
    code = "timed_out"


class Cancelled(VerificationError):
    code = "cancelled"


class UnknownRevision(VerificationError):
    code = "unknown_revision"


class TooMuchToRead(VerificationError):
    """A tree with more entries than anything worth reusing has."""

    code = "too_much_to_read"
