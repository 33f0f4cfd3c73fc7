"""The values that Stripe lists are those of the installed SDK."""

from scripts import vocabulary


def test_the_vocabulary_is_not_stale() -> None:
    assert vocabulary.TARGET.read_text() == vocabulary.document(), "write it anew with `python -m scripts.vocabulary`"
