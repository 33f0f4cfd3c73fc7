"""The names of events are those of the installed SDK."""

from scripts import event_types


def test_the_names_are_not_stale() -> None:
    assert event_types.TARGET.read_text() == event_types.document(), "write them anew with `python -m scripts.event_types`"
