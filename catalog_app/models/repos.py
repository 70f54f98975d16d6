"""Repositories that features are taken from."""

from django.db import models
from django.db.models import Q

from autopack.models.fields import NAME_PATTERN, choice_constraint, choice_field, pattern_constraint
from catalog_app.choices import Ownership, Visibility
from catalog_app.models.catalogs import SLUG_MESSAGE
from catalog_app.models.history import curated_history


class SourceRepo(models.Model):
    """One repository, known to every catalog. `url` is where it lives for people and plans; `fetch_from` is
    where a scan fetches it, if that is another place (a mirror, a clone on this machine).

    `url_key` is the comparable form of `url`; empty for an address that is none, such as
    `https://github.com/...`. Two ids with one key are reported, not forbidden: existing catalogs have them.
    """

    repo_id = models.CharField("repository id", max_length=100, unique=True)
    url = models.CharField("URL", max_length=2000, default="", blank=True)
    url_key = models.CharField(max_length=2000, default="", blank=True, editable=False, db_index=True)
    fetch_from = models.CharField(
        max_length=2000,
        default="",
        blank=True,
        help_text="Where scans fetch it, if not at its URL: a path below a configured root, or another URL.",
    )
    default_branch = models.CharField(
        max_length=255,
        default="",
        blank=True,
        help_text="Empty: the branch that the repository's HEAD names.",
    )
    ownership = choice_field(Ownership, Ownership.THIRD_PARTY)
    visibility = choice_field(Visibility, Visibility.PUBLIC)
    is_whitelisted = models.BooleanField(
        "whitelisted", default=False, help_text="Plans without anybody in the loop may take from it."
    )
    notes = models.TextField(default="", blank=True)
    extra = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = curated_history()

    class Meta:
        verbose_name = "repository"
        verbose_name_plural = "repositories"
        ordering = ["repo_id"]
        constraints = [
            pattern_constraint("sourcerepo", "repo_id", NAME_PATTERN, SLUG_MESSAGE),
            choice_constraint("sourcerepo", "ownership", Ownership),
            choice_constraint("sourcerepo", "visibility", Visibility),
            models.CheckConstraint(
                name="sourcerepo_whitelisted_has_url",
                condition=Q(is_whitelisted=False) | ~Q(url_key="") | ~Q(fetch_from=""),
                violation_error_message="A repository without a real address cannot be whitelisted.",
            ),
        ]

    def __str__(self) -> str:
        return self.repo_id
