"""Where a repository may be fetched from."""

from pathlib import Path

import pytest

from catalog_app.verification.errors import (
    CredentialsInUrl,
    HostRefused,
    MalformedPlace,
    OutsideRoots,
    PlaceRefused,
    TransportRefused,
)
from catalog_app.verification.places import (
    PlaceRules,
    Transport,
    check_place,
    is_public_address,
    url_key,
)
from tests.support.repos import GitRepo, make_repo

EVERYWHERE = PlaceRules(hosts=frozenset({"*"}))
SECRET = "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        "git://github.com/a/b",
        "http://github.com/a/b",
        "ftp://github.com/a/b",
        "ext::sh -c touch% /tmp/x",
        "ext::sh",
        "fd::17",
        "transport::https://github.com/a/b",
    ],
)
def test_transports_that_are_neither_safe_nor_known_are_refused(text: str) -> None:
    with pytest.raises(TransportRefused):
        check_place(text, EVERYWHERE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 2001,
        "-uhttps://github.com/a/b",
        "--upload-pack=touch /tmp/x",
        "https://github.com/a/b\n--upload-pack=x",
        "https://github.com/a/b\0",
        "https://github.com/",
        "https://github.com",
        "https:///a/b",
        "https://github.com/a/../../etc",
        "https://github.com/a/%2e%2e/b",
        "https://github.com/a/b?token=x",
        "https://github.com/a/b#readme",
        "https://github.com/a/b c",
        "https://github.com/a/b%0a",
        "https://github.com/a\\b",
        "https://github.com:port/a/b",
        "https://[::1/a/b",
        "https://github.com/--upload-pack=x",
        "-oProxyCommand=x@github.com:a/b",
        "../sibling",
        "sibling",
        "github.com/a/b",
        "file://server/share",
        "file://relative",
        "file:///srv/git/%00",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(MalformedPlace):
        check_place(text, EVERYWHERE)


@pytest.mark.parametrize(
    "text", ["ssh://git@github.com/-x", "ssh://-oProxyCommand=x@github.com/a/b", "git@github.com:-x/b"]
)
def test_what_ssh_would_take_for_an_option_is_refused(text: str) -> None:
    with pytest.raises(MalformedPlace):
        check_place(text, PlaceRules())


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "sub.localhost",
        "127.0.0.1",
        "10.0.0.7",
        "169.254.169.254",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[fd00::1]",
        "printer.local",
        "git.corp",
        "db.internal",
        "intranet",
        "under_score.com",
        "-x.com",
        "github.com:8443",
    ],
)
def test_machines_that_are_not_on_the_public_internet_are_refused(host: str) -> None:
    with pytest.raises(PlaceRefused) as caught:
        check_place(f"https://{host}/a/b", EVERYWHERE)
    assert caught.value.code in {"host_refused", "malformed_place"}


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("ff02::1", False),
        ("::ffff:10.1.2.3", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a01:203", False),
        ("64:ff9b:1::a01:203", False),
        ("140.82.121.4", True),
        ("2606:50c0:8000::153", True),
        ("64:ff9b::8c52:7904", True),
    ],
)
def test_addresses_of_this_network_are_not_public_however_they_are_wrapped(
    address: str, is_public: bool
) -> None:
    assert is_public_address(address) is is_public


def test_only_named_hosts_are_fetched_from() -> None:
    rules = PlaceRules()
    for text in ("https://evil.com/a/b", "https://github.com.evil.com/a/b", "git@evil.com:a/b"):
        with pytest.raises(HostRefused):
            check_place(text, rules)
    with pytest.raises(HostRefused):
        check_place("git@anything.dev:a/b", EVERYWHERE)


@pytest.mark.parametrize(
    "text",
    [
        f"https://ada:{SECRET}@github.com/a/b",
        f"https://{SECRET}@github.com/a/b",
        f"https://x-access-token:{SECRET}@github.com/a/b",
        f"ssh://git:{SECRET}@github.com/a/b",
    ],
)
def test_credentials_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(CredentialsInUrl) as caught:
        check_place(text, EVERYWHERE)
    assert SECRET not in str(caught.value)


def test_local_places_outside_the_roots_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = make_repo(tmp_path / "outside")
    root.mkdir()
    (root / "link").symlink_to(outside.path)
    (root / "loop").symlink_to(root / "loop")
    rules = PlaceRules(roots=(root,))
    for path in (outside.path, root / "link", root / ".." / "outside", Path(f"{root}-too"), Path("/")):
        for text in (str(path), f"file://{path}"):
            with pytest.raises(OutsideRoots):
                check_place(text, rules)
    with pytest.raises(MalformedPlace):
        check_place(str(root / "loop"), rules)
    with pytest.raises(OutsideRoots):
        check_place(str(root), PlaceRules())


def test_what_a_local_repository_reads_besides_is_below_the_roots_too(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = make_repo(tmp_path / "outside")
    rules = PlaceRules(roots=(root,))
    borrower = make_repo(root / "borrower")
    (borrower.git_dir / "objects/info/alternates").write_text(f"{outside.git_dir / 'objects'}\n")
    pointer = root / "pointer"
    pointer.mkdir()
    (pointer / ".git").write_text(f"gitdir: {outside.git_dir}\n")
    linked = root / "linked"
    linked.mkdir()
    (linked / ".git").symlink_to(outside.git_dir)
    for path in (borrower.path, pointer, linked):
        with pytest.raises(OutsideRoots):
            check_place(str(path), rules)


def test_nothing_below_a_root_leads_git_out_of_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = make_repo(tmp_path / "outside")
    objects = outside.git_dir / "objects"

    def borrow(name: str, line: str) -> GitRepo:
        repo = make_repo(root / name)
        (repo.git_dir / "objects/info/alternates").write_text(f"{line}\n")
        return repo

    def point(name: str, pointer: str) -> None:
        (root / name).mkdir()
        (root / name / ".git").write_text(pointer)

    lender = borrow("lender", str(objects))
    borrow("of-a-lender", str(lender.git_dir / "objects"))
    borrow("quoted", f'"{objects}"')
    point("of-a-borrower", f"gitdir: {lender.git_dir}\n")
    point("long", "gitdir: " + "./" * 1500 + "../../outside/.git\n")
    point("spaced", "gitdir:  x\n")
    (root / "spaced" / " x").symlink_to(outside.git_dir)
    (root / "file").write_text(f"gitdir: {outside.git_dir}\n")
    (root / "completed.git").symlink_to(outside.git_dir)
    scattered = make_repo(root / "scattered")
    (scattered.git_dir / "objects" / "pack" / "lent.pack").symlink_to(objects)
    named = make_repo(root / "named")
    (named.git_dir / "refs" / "heads" / "theirs").symlink_to(outside.git_dir / "HEAD")
    places = ("lender", "of-a-lender", "quoted", "of-a-borrower", "long", "spaced", "file", "completed")
    for name in (*places, "scattered", "named"):
        with pytest.raises(PlaceRefused):
            check_place(str(root / name), PlaceRules(roots=(root,)))


def test_repositories_below_a_root_may_lend_to_each_other(tmp_path: Path) -> None:
    lender, borrower = make_repo(tmp_path / "lender"), make_repo(tmp_path / "borrower")
    for one, other in ((lender, borrower), (borrower, lender)):
        (one.git_dir / "objects/info/alternates").write_text(f"{other.git_dir / 'objects'}\n")
    (borrower.git_dir / "objects/info/again").symlink_to(borrower.git_dir / "objects")
    assert check_place(str(borrower.path), PlaceRules(roots=(tmp_path,))).transport == Transport.FILE


def test_local_places_below_a_root_are_allowed(tmp_path: Path) -> None:
    root = tmp_path / "with space"
    repo = make_repo(root / "shop")
    (tmp_path / "link").symlink_to(root)
    for rules in (PlaceRules(roots=(root,)), PlaceRules(roots=(tmp_path / "link",))):
        for text in (str(repo.path), repo.path.as_uri(), f"{tmp_path}/link/shop", f"{repo.path}/"):
            place = check_place(text, rules)
            assert (place.transport, place.url) == (Transport.FILE, repo.path.as_uri())


def test_a_work_tree_below_a_root_is_allowed(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "shop")
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "beside"))
    assert check_place(str(tmp_path / "beside"), PlaceRules(roots=(tmp_path,))).transport == Transport.FILE


@pytest.mark.parametrize(
    ("text", "url", "key"),
    [
        ("https://github.com/Some/Body.git", "https://github.com/Some/Body.git", "github.com/some/body"),
        ("https://GitHub.com/some/body/", "https://github.com/some/body", "github.com/some/body"),
        ("https://github.com:443/a/b", "https://github.com/a/b", "github.com/a/b"),
        ("https://git.sr.ht/~sircmpwn/aerc", "https://git.sr.ht/~sircmpwn/aerc", "git.sr.ht/~sircmpwn/aerc"),
        ("ssh://git@github.com/a/b.git", "ssh://git@github.com/a/b.git", "github.com/a/b"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git", "github.com/a/b"),
        ("github.com:a/b", "github.com:a/b", "github.com/a/b"),
        ("https://gitlab.com/a/sub/name", "https://gitlab.com/a/sub/name", "gitlab.com/a/sub/name"),
    ],
)  # fmt: skip
def test_public_forges_are_allowed(text: str, url: str, key: str) -> None:
    place = check_place(text, PlaceRules())
    assert (place.url, place.key, place.is_host_named) == (url, key, True)


def test_hosts_can_be_named_by_their_domain_by_port_or_all_at_once() -> None:
    rules = PlaceRules(hosts=frozenset({"*.example.org", "git.corp.example.com:8443"}))
    assert check_place("https://git.example.org/a/b", rules).is_host_named
    assert (
        check_place("https://git.corp.example.com:8443/a", rules).url == "https://git.corp.example.com:8443/a"
    )
    with pytest.raises(HostRefused):
        check_place("https://example.org/a/b", rules)
    with pytest.raises(HostRefused):
        check_place("https://git.corp.example.com/a/b", rules)
    assert not check_place("https://anything.dev/a/b", EVERYWHERE).is_host_named


@pytest.mark.parametrize(
    "spelling",
    [
        "https://github.com/Pallets/Flask",
        "http://github.com/pallets/flask.git",
        "https://www.github.com/pallets/flask/",
        "git://GITHUB.com/pallets/flask.git",
        "git@github.com:pallets/flask.git",
        "ssh://git@github.com:22/pallets/flask",
        "github.com/pallets/flask",
        " https://github.com/pallets/flask/tree/main/src ",
        "https://user@github.com/pallets/flask",
    ],
)
def test_spellings_of_one_repository_have_one_key(spelling: str) -> None:
    assert url_key(spelling) == "github.com/pallets/flask"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://gitlab.com/Group/Sub/Name/-/tree/main", "gitlab.com/group/sub/name"),
        ("https://git.example.org/Team/Name", "git.example.org/Team/Name"),
        ("https://git.example.org:8443/x", "git.example.org:8443/x"),
        ("file:///srv/git/My%20Shop/.git", "file:/srv/git/My Shop"),
        ("/srv/git/My Shop/", "file:/srv/git/My Shop"),
    ],
)
def test_keys_keep_what_tells_repositories_apart(url: str, key: str) -> None:
    assert url_key(url) == key


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://github.com/...",
        "https://github.com/…/…",
        "https://github.com/<owner>/<repo>",
        "https://github.com/{org}/x",
        "https://github.com",
        "https://github.com/pallets",
        "internal",
        "TBD",
        "https://[::1/x",
        "https://github.com:port/a/b",
    ],
)
def test_what_addresses_no_repository_has_no_key(url: str) -> None:
    assert url_key(url) == ""
