"""Every route. The v7 API answers under `/api/v1/` and, for v7 clients, without the prefix."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from autopack.health import health

admin.autodiscover()

urlpatterns = [
    path("", login_required(RedirectView.as_view(pattern_name="runs:overview")), name="home"),
    path("health", health, name="health"),
    path("accounts/login/", auth_views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("dashboard/catalog/", include("catalog_app.urls")),
    path("dashboard/plans/", include("catalog_app.plan_urls")),
    path("dashboard/templates/", include("catalog_app.template_urls")),
    path("dashboard/", include("runs_app.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/catalog/", include("catalog_app.api.urls")),
    path("api/v1/plans", include("catalog_app.api.plan_urls")),
    path("api/v1/", include("catalog_app.api.template_urls")),
    path("api/v1/", include("runs_app.api.urls", namespace="api")),
    path("", include("runs_app.api.urls", namespace="v7")),
]

handler400 = "autopack.problems.bad_request"
handler403 = "autopack.problems.permission_denied"
handler404 = "autopack.problems.page_not_found"
handler500 = "autopack.problems.server_error"
