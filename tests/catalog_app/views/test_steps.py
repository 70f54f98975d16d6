"""What curators do from the pages: a page that asks why, and a POST that does it."""

import pytest
from django.test import Client

from autopack.actors import Role
from catalog_app.models import Feature, FeatureSource, SourceRepo, SourceScan
from tests.support.catalog_factories import START, ScanFactory, SourceFactory, verified_source
from tests.support.pages import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(db: None) -> FeatureSource:
    source: FeatureSource = SourceFactory.create(feature__slug="login", repo__repo_id="allauth")
    return source


def paths_of(source: FeatureSource) -> dict[str, str]:
    own, feature = f"/dashboard/catalog/sources/{source.pk}", "/dashboard/catalog/main/features/login"
    return {
        "whitelist": f"{own}/whitelist/",
        "unlist": f"{own}/unlist/",
        "retire": f"{own}/retire/",
        "restore": f"{own}/restore/",
        "retire feature": f"{feature}/retire/",
        "restore feature": f"{feature}/restore/",
    }


def test_readers_are_shown_no_steps_and_can_take_none(reader: Client, source: FeatureSource) -> None:
    for page in (f"/dashboard/catalog/sources/{source.pk}/", "/dashboard/catalog/main/features/login/"):
        assert b"/whitelist/" not in reader.get(page).content
    for path in paths_of(source).values():
        assert b"needs the role curator" in reader.get(path).content
        assert reader.post(path, {"reason": "why not"}).status_code == 403
    source.refresh_from_db()
    assert source.retired_at is None
    assert not source.repo.is_whitelisted


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CURATOR])
def test_no_other_role_will_do(sign_in: SignIn, source: FeatureSource, role: Role) -> None:
    assert sign_in(role).post(paths_of(source)["whitelist"], {"reason": "x"}).status_code == 403


def test_readers_neither_start_nor_end_scans(reader: Client, source: FeatureSource) -> None:
    scan = ScanFactory.create(source=source)
    own = f"/dashboard/catalog/sources/{source.pk}/"
    cancel = f"/dashboard/catalog/scans/{scan.pk}/cancel/"
    assert b"/cancel/" not in reader.get(own).content
    for path in (f"{own}verify/", f"{own}repin/", cancel):
        assert reader.post(path, {"reason": "why not"}).status_code == 403
    scan.refresh_from_db()
    assert scan.is_live
    assert not scan.is_cancel_requested


def test_an_unknown_step_is_not_found(editor: Client, source: FeatureSource) -> None:
    for path in (
        f"/dashboard/catalog/sources/{source.pk}/explode/",
        "/dashboard/catalog/main/features/login/x/",
    ):
        assert editor.post(path, {"reason": "x"}, HTTP_ACCEPT="text/html").status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "\0"])
def test_without_a_reason_nothing_happens_and_it_is_asked_again(
    editor: Client, source: FeatureSource, reason: str
) -> None:
    for path in paths_of(source).values():
        response = editor.post(path, {"reason": reason})
        assert response.status_code == 422
        assert b"Say why" in response.content
    assert Feature.history.count() == FeatureSource.history.count() == SourceRepo.history.count() == 1


def test_what_the_service_refuses_is_said_with_the_reason_kept(editor: Client, source: FeatureSource) -> None:
    SourceRepo.objects.update(url_key="", url="https://github.com/...")
    response = editor.post(paths_of(source)["whitelist"], {"reason": "It is <ours>."})
    assert response.status_code == 422
    assert b"without a real address" in response.content
    assert b'value="It is &lt;ours&gt;."' in response.content


def test_a_curator_whitelists_and_takes_it_back(editor: Client, source: FeatureSource) -> None:
    page = f"/dashboard/catalog/sources/{source.pk}/"
    assert b"/whitelist/" in editor.get(page).content
    assert b"Whitelist this repository?" in editor.get(paths_of(source)["whitelist"]).content
    response = editor.post(paths_of(source)["whitelist"], {"reason": "We know them."}, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert b"allauth is whitelisted." in response.content
    assert b"/unlist/" in response.content
    assert SourceRepo.objects.get().is_whitelisted
    assert SourceRepo.history.latest().history_change_reason == "We know them."
    editor.post(paths_of(source)["unlist"], {"reason": "No longer."})
    assert not SourceRepo.objects.get().is_whitelisted


def test_a_curator_retires_and_restores_a_source(editor: Client, source: FeatureSource) -> None:
    editor.post(paths_of(source)["retire"], {"reason": "Dead upstream."})
    source.refresh_from_db()
    assert source.retired_at is not None
    assert b"/restore/" in editor.get(f"/dashboard/catalog/sources/{source.pk}/").content
    editor.post(paths_of(source)["restore"], {"reason": "Alive again."})
    source.refresh_from_db()
    assert source.retired_at is None


def test_a_curator_retires_and_restores_a_feature(editor: Client, source: FeatureSource) -> None:
    response = editor.post(paths_of(source)["retire feature"], {"reason": "Nobody wants it."}, follow=True)
    assert response.redirect_chain == [("/dashboard/catalog/main/features/login/", 302)]
    assert Feature.objects.get().retired_at is not None
    assert b"/restore/" in response.content
    editor.post(paths_of(source)["restore feature"], {"reason": "Somebody does."})
    assert Feature.objects.get().retired_at is None


def test_what_is_so_already_stays_so(editor: Client, source: FeatureSource) -> None:
    FeatureSource.objects.update(retired_at=START)
    assert editor.post(paths_of(source)["retire"], {"reason": "Again."}).status_code == 302
    assert FeatureSource.objects.get().retired_at == START


def test_a_curator_has_a_source_verified_at_once(editor: Client, source: FeatureSource) -> None:
    page = f"/dashboard/catalog/sources/{source.pk}/"
    assert f'action="{page}verify/"' in editor.get(page).content.decode()
    response = editor.post(f"{page}verify/", follow=True)
    assert response.redirect_chain == [(page, 302)]
    html = response.content.decode()
    assert "waits for the worker" in html
    assert "hx-trigger" in html
    assert f'action="{page}verify/"' not in html
    assert SourceScan.objects.get().requested_by.startswith("curator (user:")


def test_a_source_that_is_being_scanned_is_not_scanned_twice(editor: Client, source: FeatureSource) -> None:
    path = f"/dashboard/catalog/sources/{source.pk}/verify/"
    editor.post(path)
    response = editor.post(path)
    assert response.status_code == 422
    assert b"is being scanned already" in response.content
    assert SourceScan.objects.count() == 1


def test_a_source_without_a_real_address_says_so(editor: Client, source: FeatureSource) -> None:
    SourceRepo.objects.update(url_key="", url="https://github.com/...")
    response = editor.post(f"/dashboard/catalog/sources/{source.pk}/verify/")
    assert response.status_code == 422
    assert b"has no real address" in response.content


def test_moving_the_pin_wants_a_reason(editor: Client) -> None:
    source = verified_source()
    page = f"/dashboard/catalog/sources/{source.pk}/"
    assert f'href="{page}repin/"' in editor.get(page).content.decode()
    assert editor.post(f"{page}repin/").status_code == 422
    editor.post(f"{page}repin/", {"reason": "It fixes a hole."})
    scan = SourceScan.objects.live().get()
    assert (scan.is_repin, scan.reason) == (True, "It fixes a hole.")


def test_a_curator_cancels_a_scan_from_the_feature_and_stays_there(
    editor: Client, source: FeatureSource
) -> None:
    page = "/dashboard/catalog/main/features/login/"
    response = editor.post(f"/dashboard/catalog/sources/{source.pk}/verify/?back=feature", follow=True)
    assert response.redirect_chain == [(page, 302)]
    scan = SourceScan.objects.get()
    cancel = f"/dashboard/catalog/scans/{scan.pk}/cancel/?back=feature"
    assert f'action="{cancel}"' in response.content.decode()
    response = editor.post(cancel, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert b"The scan is cancelled." in response.content
    response = editor.post(cancel)
    assert response.status_code == 422
    assert b"The scan has ended" in response.content
