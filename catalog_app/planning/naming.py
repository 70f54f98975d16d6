"""Which wishes somebody means who names a feature of a plan. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog_app.briefing.types import Wish
from catalog_app.choices import FeatureOrigin
from catalog_app.planning.spelling import Speller
from catalog_app.planning.types import PlannedFeature
from catalog_app.planning.wording import listed, same_words, shorten

AMBIGUOUS = "ambiguous_feature"


@dataclass(frozen=True, slots=True)
class Named:
    """What a name leads to: wishes (by key), or a feature that is planned only because others require it, or
    nothing, with the reason."""

    keys: tuple[str, ...] = ()
    required: PlannedFeature | None = None
    code: str = ""
    message: str = ""
    suggestion: str = ""

    @property
    def is_found(self) -> bool:
        return bool(self.keys) or self.required is not None


class FeatureNames:
    """A name is a key, a slug, what was said for the feature, its title, or words of these that fit no other
    one. Wishes that were merged into another go with it; a merged one that is named by its own key, or by all
    that it says and nobody else does, goes alone."""

    def __init__(self, wishes: Sequence[Wish], features: Sequence[PlannedFeature] = ()) -> None:
        planned = {feature.key: feature for feature in features}
        self._required = {
            feature.key: feature for feature in features if feature.origin is FeatureOrigin.REQUIRED
        }
        self._with_heads: dict[str, list[str]] = {}
        self._heads: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        self._words: dict[str, set[str]] = {}
        self._shown: dict[str, str] = {}
        self._speller = Speller()
        self._says = {wish.key: same_words(wish.quote) for wish in wishes}
        for wish in wishes:
            feature = planned.get(wish.key)
            head = feature.merged_into if feature and feature.merged_into else wish.key
            self._with_heads.setdefault(head, []).append(wish.key)
            self._heads[wish.key] = head
            slug = wish.slug or (feature.slug if feature else "")
            texts = [wish.quote, *wish.terms, slug, wish.key]
            if feature and feature.slug:
                texts.append(feature.title)
            self._know(wish.key, wish.quote, texts)
        for key, feature in self._required.items():
            self._with_heads.setdefault(key, []).append(key)
            self._heads[key] = key
            self._know(key, feature.title, [feature.title, feature.slug, key])

    def _know(self, key: str, shown: str, texts: Iterable[str]) -> None:
        self._shown[key] = shown
        words: set[str] = set()
        for text in texts:
            if name := same_words(text):
                self._names.setdefault(name, []).append(key)
                words |= _stems(name)
        self._words[key] = words

    def find(self, name: str, *, is_alone: bool = False) -> Named:
        """With `is_alone`, all that a wish says means it and not what was merged into it."""
        if name in self._with_heads:
            return self._found(self._with_heads[name])
        if name in self._shown:
            return self._found([name])
        wanted = same_words(name)
        keys = list(dict.fromkeys(self._names.get(wanted, ())))
        is_merged = bool(keys) and self._heads[keys[0]] != keys[0]
        if len(keys) == 1 and self._says.get(keys[0]) == wanted and (is_alone or is_merged):
            return self._found(keys)
        if not keys and wanted:
            stems = _stems(wanted)
            keys = [key for key, words in self._words.items() if stems <= words]
        if not keys:
            return self._unknown(name)
        heads = list(dict.fromkeys(self._heads[key] for key in keys))
        if len(heads) > 1 and not self._names.get(wanted):
            shown = listed(
                f"“{shorten(self._shown[key], 60)}” ({key})" for key in heads if key in self._shown
            )
            return Named(code=AMBIGUOUS, message=f"{name!r} may mean {shown}; say its key")
        return self._found([key for head in heads for key in self._with_heads[head]])

    def is_name(self, name: str) -> bool:
        """Whether it names something in full."""
        return same_words(name) in self._names

    def may_mean(self, name: str) -> bool:
        """Whether it leads to something, if only to several things."""
        found = self.find(name)
        return found.is_found or found.code == AMBIGUOUS

    def _found(self, keys: Sequence[str]) -> Named:
        wished = tuple(key for key in keys if key not in self._required)
        if wished:
            return Named(wished)
        return Named(required=self._required[keys[0]])

    def _unknown(self, name: str) -> Named:
        near = self._speller.nearest(same_words(name), self._names)
        suggestion = self._names[near][0] if near else ""
        return Named(
            code="unknown_feature", message=f"nothing in the request is {name!r}", suggestion=suggestion
        )


def _stems(name: str) -> set[str]:
    """Words without a plural's ending."""
    return {word[:-1] if len(word) > 3 and word.endswith("s") else word for word in name.split()}
