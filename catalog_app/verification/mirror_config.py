"""The configuration of a mirror: the whole of what git does beyond its arguments."""

from collections.abc import Sequence
from typing import Final

from catalog_app.verification.places import FetchPlace, Transport

REMOTE: Final = "origin"
_SSH = (
    "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oConnectTimeout=20 -oPermitLocalCommand=no "
    "-oClearAllForwardings=yes -oForwardAgent=no"
)


def write_configuration(
    place: FetchPlace, *, object_format: str, proxy: str = "", addresses: Sequence[str] = ()
) -> str:
    """The file's text. `addresses`: the only ones that the host of an https place stands for."""
    sections = {
        "core": {
            "repositoryformatversion": "1",
            "bare": "true",
            "sshCommand": _SSH,
            "logAllRefUpdates": "false",
        },
        "extensions": {
            "partialClone": REMOTE,
            **({"objectFormat": object_format} if object_format == "sha256" else {}),
        },
        f'remote "{REMOTE}"': {
            "url": place.url,
            "promisor": "true",
            "partialCloneFilter": "blob:none",
            # The operator named the folder; its repositories may belong to somebody else.
            **(
                {"uploadpack": "git -c 'safe.directory=*' upload-pack"}
                if place.transport == Transport.FILE
                else {}
            ),
        },
        "http": {
            # A repository that has moved is for a curator to see, and a redirect may lead anywhere.
            "followRedirects": "false",
            "lowSpeedLimit": "1000",
            "lowSpeedTime": "60",
            **({"proxy": proxy} if proxy else {}),
            **({"curloptResolve": _resolution(place.host, addresses)} if addresses else {}),
        },
        "fetch": {"unpackLimit": "1"},
        "log": {"mailmap": "false", "showSignature": "false"},
    }
    return "".join(
        f"[{name}]\n" + "".join(f"\t{key} = {_quote(value)}\n" for key, value in section.items())
        for name, section in sections.items()
    )


def _resolution(host: str, addresses: Sequence[str]) -> str:
    listed = ",".join(f"[{address}]" if ":" in address else address for address in addresses)
    return f"{host}:443:{listed}"


def _quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
