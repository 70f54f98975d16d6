"""What lookup has made of a catalog: the vectors of its texts, and how far it has come with them."""

from django.db import models

from catalog_app.models.catalogs import FeatureCatalog
from catalog_app.models.features import Feature


class LookupIndex(models.Model):
    """How far the vectors of one catalog are.

    `engine` names the encoder that the vectors are of, empty while there is none. `catalog_version` is the
    version whose texts were gone through last; `done_count` of `total_count` texts have a vector.
    `revision` moves with every batch that is written, so that a process knows which vectors it has seen.
    """

    catalog = models.OneToOneField(FeatureCatalog, on_delete=models.CASCADE, related_name="lookup_index")
    engine = models.CharField(max_length=100, default="", blank=True)
    revision = models.PositiveBigIntegerField(default=0)
    catalog_version = models.PositiveBigIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "lookup indexes"

    def __str__(self) -> str:
        return f"lookup index of {self.catalog_id}"


class FeatureVectors(models.Model):
    """The vectors of one feature's texts, one after the other.

    `digests` has the first 16 bytes of each text's SHA-256, `vectors` as many rows of little-endian 16-bit
    floats of length 1. `revision` is that of the index when they were written.
    """

    feature = models.OneToOneField(Feature, on_delete=models.CASCADE, related_name="lookup_vectors")
    engine = models.CharField(max_length=100)
    revision = models.PositiveBigIntegerField()
    digests = models.BinaryField()
    vectors = models.BinaryField()

    class Meta:
        verbose_name_plural = "feature vectors"
        indexes = [models.Index(fields=["revision"], name="featurevectors_by_revision")]

    def __str__(self) -> str:
        return f"vectors of feature {self.feature_id}"
