"""What leaves next: one by one while there are few, as a digest when there are many or it is too often."""

from notifications.bundling import SIDE_BY_SIDE, Due, Take, next_take


def take(
    *due: Due, messages: int = 10, at_once: int | None = None, probe: bool = False, most: int = 10_000
) -> Take:
    return next_take(
        due, messages=messages, at_once=at_once if at_once is not None else messages, probe=probe, most=most
    )


def test_ten_go_one_by_one() -> None:
    chosen = take(Due("a", 10, oldest=1))
    assert (chosen.digest, chosen.recipients, chosen.most) == (False, ("a",), SIDE_BY_SIDE)


def test_eleven_go_as_one() -> None:
    chosen = take(Due("a", 11, oldest=1))
    assert (chosen.digest, chosen.most) == (True, 10_000)
    assert chosen.reason == "11 were due at once"


def test_fewer_go_as_one_when_they_are_more_than_the_rate_allows() -> None:
    chosen = take(Due("a", 3, oldest=1), messages=2)
    assert chosen.digest
    assert chosen.reason == "3 were due, and it may get 2 now"


def test_a_single_one_is_no_digest_however_little_is_allowed() -> None:
    assert take(Due("a", 1, oldest=1), Due("b", 1, oldest=2), messages=1) == Take(("a", "b"), 1, "one by one")


def test_the_recipient_with_a_critical_comes_first() -> None:
    chosen = take(Due("a", 500, oldest=1), Due("b", 500, oldest=900, critical=True))
    assert chosen.recipients == ("b",)


def test_among_equals_whoever_waits_longest_comes_first() -> None:
    assert take(Due("b", 50, oldest=7), Due("a", 50, oldest=3)).recipients == ("a",)


def test_few_for_each_of_several_go_together() -> None:
    chosen = take(Due("a", 2, oldest=3), Due("b", 1, oldest=1), messages=5)
    assert (chosen.recipients, chosen.digest) == (("b", "a"), False)


def test_a_flood_for_one_does_not_make_a_digest_of_another() -> None:
    chosen = take(Due("a", 1, oldest=1, critical=True), Due("b", 500, oldest=2), messages=5)
    assert (chosen.recipients, chosen.digest) == (("a",), False)


def test_what_leaves_as_one_message_counts_as_one_against_the_rate() -> None:
    few = Due("a", 2, oldest=1, critical=True)
    flood, copy = Due("b", 500, oldest=2), Due("b", 9, oldest=2, digest_id=2)
    assert take(few, flood, messages=3) == take(few, copy, messages=3) == Take(("a",), 3, "one by one")


def test_ten_that_leave_one_by_one_count_as_ten() -> None:
    few = Due("a", 2, oldest=1, critical=True)
    assert not take(few, Due("b", 10, oldest=2), messages=12).digest
    assert take(few, Due("b", 10, oldest=2), messages=11).reason == "2 were due, and it may get 11 now"


def test_two_are_one_message_where_one_is_allowed() -> None:
    assert take(Due("a", 2, oldest=1), messages=1).digest


def test_no_more_than_three_are_on_their_way_side_by_side() -> None:
    groups = [Due(f"{n}", 10, oldest=n) for n in range(50)]
    assert take(*groups, messages=500).most == SIDE_BY_SIDE


def test_where_messages_keep_a_distance_one_goes_at_a_time() -> None:
    assert take(Due("a", 5, oldest=1), at_once=1).most == 1


def test_a_probe_is_one_message() -> None:
    chosen = take(Due("a", 5000, oldest=1, critical=True), probe=True)
    assert (chosen.recipients, chosen.most, chosen.digest) == (("a",), 1, False)


def test_what_left_in_a_digest_stays_together() -> None:
    chosen = take(Due("a", 2, oldest=5, digest_id=5), Due("a", 1, oldest=9))
    assert (chosen.digest, chosen.digest_id) == (True, 5)
    assert chosen.reason == "whether it arrived is not known"


def test_what_is_new_does_not_join_a_copy() -> None:
    chosen = take(Due("a", 2, oldest=5, digest_id=5), Due("a", 3, oldest=1))
    assert (chosen.digest, chosen.digest_id) == (False, None)


def test_a_probe_leaves_a_digest_in_one_piece() -> None:
    one = take(Due("a", 2, oldest=5, digest_id=5, critical=True), Due("a", 3, oldest=9), probe=True)
    assert (one.digest, one.digest_id, one.most) == (False, None, 1)
    whole = take(Due("a", 2, oldest=5, digest_id=5), probe=True)
    assert (whole.digest, whole.digest_id, whole.most) == (True, 5, 10_000)
