"""Where a repository may be fetched from, and when two spellings of an address mean the same repository."""

import ipaddress
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from catalog_app.verification.errors import (
    CredentialsInUrl,
    HostRefused,
    MalformedPlace,
    OutsideRoots,
    TransportRefused,
)
from catalog_app.verification.local_repositories import paths_behind

DEFAULT_HOSTS: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht"})
ANY_PUBLIC_HOST: Final = "*"

_MAX_LENGTH = 2000
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")
_UNPRINTABLE_IN_PATH = re.compile(r"[\x00-\x1f\x7f]")
_REMOTE_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^/:@]+):(?!//)(?P<path>.+)")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST_NAME = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,}}|xn--[a-z0-9-]*[a-z0-9])")
_PATH = re.compile(r"/[A-Za-z0-9_.~%+@,:=()/-]*")
# Never resolved on the public internet (RFC 6761, 6762, 8375, and what companies use in their place).
_PRIVATE_SUFFIXES = (
    ".localhost", ".localdomain", ".local", ".internal", ".intranet", ".private", ".corp", ".home", ".lan",
    ".home.arpa", ".test", ".invalid", ".onion",
)  # fmt: skip
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_CASE_BLIND_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_OWNER_AND_NAME_HOSTS = frozenset({"github.com", "bitbucket.org", "codeberg.org"})
_PLACEHOLDER = re.compile(r"\.\.\.|…|[<>{}\[\]$*]")


class Transport(StrEnum):
    HTTPS = "https"
    SSH = "ssh"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """`hosts`: names, `*.example.org` for what is below one, `*` for every public one; a port other than the
    usual is part of the name. `roots`: folders below which local repositories may be."""

    hosts: frozenset[str] = DEFAULT_HOSTS
    roots: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchPlace:
    """A place that the rules allow. `url` is what git is given; it holds no credential."""

    transport: Transport
    url: str
    key: str
    """The same for every spelling of this place."""
    host: str = ""
    is_host_named: bool = field(default=True)
    """False if only `*` allows the host: then nobody vouches for where its name leads."""


def check_place(text: str, rules: PlaceRules) -> FetchPlace:
    """The place that `text` names. Raises a PlaceRefused with a stable code and a reason."""
    if not text or len(text) > _MAX_LENGTH:
        raise MalformedPlace("The address of a repository is 1 to 2,000 characters long.")
    if text.startswith("-"):
        raise MalformedPlace("An address cannot begin with '-': git would take it for an option.")
    if _UNPRINTABLE_IN_PATH.search(text):
        raise MalformedPlace("An address has no line breaks and no control characters.")
    if _REMOTE_HELPER.match(text):
        raise TransportRefused("Addresses that name a helper program (such as ext::) are not fetched.")
    if text.startswith("/"):
        return _check_local(Path(text), rules)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _check_scp(text, rules)
    match scheme[1].lower():
        case "https":
            return _check_https(_split(text), rules)
        case "ssh":
            return _check_ssh(_split(text), rules)
        case "file":
            return _check_local(_path_of(text), rules)
        case "http" | "git":
            raise TransportRefused(
                f"{scheme[1].lower()}:// is neither encrypted nor authenticated; give the https:// address."
            )
        case other:
            raise TransportRefused(f"{other}:// is not fetched; Autopack knows https://, ssh:// and file://.")


def url_key(url: str) -> str:
    """One key for every spelling of a repository's address; empty for what addresses no repository."""
    text = url.strip()
    if not text or _PLACEHOLDER.search(text):
        return ""
    if text.startswith("/"):
        return _local_key(text)
    scheme = _SCHEME.match(text)
    try:
        if scheme is None:
            return _scp_key(text)
        parts = urlsplit(text)
        if scheme[1].lower() == "file":
            return _local_key(unquote(parts.path))
        return _remote_key(parts.hostname or "", unquote(parts.path), port=_port_of(parts))
    except (ValueError, MalformedPlace):
        return ""


def _scp_key(text: str) -> str:
    scp = _SCP.fullmatch(text)
    if scp is not None:
        return _remote_key(scp["host"], scp["path"])
    # As people write it: github.com/owner/name.
    host, slash, path = text.partition("/")
    return _remote_key(host, path) if slash and _HOST_NAME.fullmatch(host.lower()) else ""


def _remote_key(host: str, path: str, *, port: str = "") -> str:
    host = host.lower().rstrip(".").removeprefix("www.")
    segments = [segment for segment in path.split("/") if segment]
    if "-" in segments and host not in _OWNER_AND_NAME_HOSTS:
        # GitLab: everything after it is a page of the repository.
        segments = segments[: segments.index("-")]
    if host in _OWNER_AND_NAME_HOSTS:
        if len(segments) < 2:
            return ""
        segments = segments[:2]
    if not host or not segments:
        return ""
    name = "/".join(segments).removesuffix(".git")
    return f"{host}{port}/{name.lower() if host in _CASE_BLIND_HOSTS else name}"


def _local_key(path: str) -> str:
    return f"file:{path.rstrip('/').removesuffix('/.git') or '/'}"


def _split(text: str) -> SplitResult:
    if _UNPRINTABLE.search(text):
        raise MalformedPlace("An address holds printable ASCII only; write other characters as %XX.")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - the look at it is what raises
    except ValueError:
        raise MalformedPlace("The address is not a URL.") from None
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise MalformedPlace("The address of a repository has no ?query and no #fragment.")
    return parts


def _check_https(parts: SplitResult, rules: PlaceRules) -> FetchPlace:
    if parts.username is not None or parts.password is not None:
        raise CredentialsInUrl(
            "An address holds no user name, password or token: it is stored and shown. Private repositories "
            "are fetched by ssh:// with the worker's own key."
        )
    host, is_named = _check_host(parts, rules, usual_port=443)
    path = _check_path(parts.path)
    port = _port_of(parts, usual=443)
    return FetchPlace(
        Transport.HTTPS,
        f"https://{host}{port}{path}",
        _remote_key(host, unquote(path), port=port),
        host,
        is_named,
    )


def _check_ssh(parts: SplitResult, rules: PlaceRules) -> FetchPlace:
    if parts.password is not None:
        raise CredentialsInUrl("An address holds no password: it is stored and shown.")
    user = _check_user(parts.username)
    host, is_named = _check_host(parts, rules, usual_port=22)
    if not is_named:
        raise HostRefused(f"{host} is not named in AUTOPACK_FETCH_HOSTS; ssh goes to named hosts only.")
    path = _check_path(parts.path)
    port = _port_of(parts, usual=22)
    return FetchPlace(
        Transport.SSH,
        f"ssh://{user}{host}{port}{path}",
        _remote_key(host, unquote(path), port=port),
        host,
    )


def _check_scp(text: str, rules: PlaceRules) -> FetchPlace:
    scp = _SCP.fullmatch(text)
    if scp is None:
        raise MalformedPlace(
            "The address is neither a URL (https://…, ssh://…, file://…), nor git@host:path, nor an "
            "absolute path."
        )
    path = scp["path"]
    user = f"{scp['user']}@" if scp["user"] else ""
    checked = _check_ssh(_split(f"ssh://{user}{scp['host']}/{path.lstrip('/')}"), rules)
    # As it was written: a path without a slash in front starts at the user's home.
    return replace(checked, url=f"{user}{checked.host}:{path}")


def _check_user(user: str | None) -> str:
    if user is None:
        return ""
    if not _USER.fullmatch(user):
        raise MalformedPlace("The user name in an ssh address holds letters, digits, '.', '_' and '-' only.")
    return f"{user}@"


def _check_host(parts: SplitResult, rules: PlaceRules, *, usual_port: int) -> tuple[str, bool]:
    """The host, and whether the rules name it."""
    host = (parts.hostname or "").lower().rstrip(".")
    if not host:
        raise MalformedPlace("The address names no host.")
    if _is_ip_address(host):
        raise HostRefused("A host is given by its name, not by an IP address.")
    if host == "localhost" or not _HOST_NAME.fullmatch(host):
        raise HostRefused("The host is not the full name of a machine on the internet.")
    named = f"{host}{_port_of(parts, usual=usual_port)}"
    if named in rules.hosts or any(
        rule.startswith("*.") and named.endswith(rule[1:]) for rule in rules.hosts
    ):
        return host, True
    if ANY_PUBLIC_HOST not in rules.hosts or named != host or host.endswith(_PRIVATE_SUFFIXES):
        raise HostRefused(
            f"{named} is not among the hosts that Autopack fetches from (AUTOPACK_FETCH_HOSTS)."
        )
    return host, False


def is_public_address(text: str) -> bool:
    """Whether an address is one machine on the public internet, also where it wraps one of IPv4."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in _NAT64):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(str(inner))
    return address.is_global and not address.is_multicast


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_path(path: str) -> str:
    if len(path.strip("/")) == 0:
        raise MalformedPlace("The address names a host, but no repository.")
    decoded = unquote(path)
    if not _PATH.fullmatch(path) or _UNPRINTABLE_IN_PATH.search(decoded) or "\\" in decoded:
        raise MalformedPlace("The path of the address holds characters that no repository's has.")
    if any(segment in (".", "..") or segment.startswith("-") for segment in decoded.split("/")):
        raise MalformedPlace("The path of the address has a segment '.', '..', or one that begins with '-'.")
    return path.rstrip("/")


def _port_of(parts: SplitResult, *, usual: int | None = None) -> str:
    if parts.port is None or parts.port in (usual, {"https": 443, "ssh": 22}.get(parts.scheme)):
        return ""
    return f":{parts.port}"


def _path_of(text: str) -> Path:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise MalformedPlace("The address is not a URL.") from None
    if parts.netloc not in ("", "localhost"):
        raise MalformedPlace("A file:// address names no host: file:///srv/git/shop.")
    if parts.query or parts.fragment:
        raise MalformedPlace("Write '?' as %3F and '#' as %23 in a file:// address.")
    path = unquote(parts.path)
    if not path.startswith("/") or _UNPRINTABLE_IN_PATH.search(path):
        raise MalformedPlace("A file:// address holds an absolute path: file:///srv/git/shop.")
    return Path(path)


def _check_local(path: Path, rules: PlaceRules) -> FetchPlace:
    roots = [root.resolve() for root in rules.roots]
    resolved = _resolve(path, roots)
    for behind in paths_behind(resolved):
        _resolve(behind, roots)
    # git knows a bundle by its plain path only.
    url = str(resolved) if resolved.is_file() else resolved.as_uri()
    return FetchPlace(Transport.FILE, url, _local_key(str(resolved)))


def _resolve(path: Path, roots: list[Path]) -> Path:
    """Where the path really leads. It may lead nowhere: whether there is a repository is git's to say."""
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):
        raise MalformedPlace("The path leads in circles, or cannot be read.") from None
    if not any(resolved.is_relative_to(root) for root in roots):
        raise OutsideRoots(
            "The path is not below a folder that local repositories may be fetched from "
            "(AUTOPACK_FETCH_ROOTS)."
        )
    return resolved
