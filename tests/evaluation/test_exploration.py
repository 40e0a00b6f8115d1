from itertl.evaluation.exploration import Explored, Reach, explore


def test_each_iteration_is_counted_alone_and_with_those_before() -> None:
    first = [("t", "a"), ("t", "a"), ("t", "b"), ("u", "c")]
    second = [("t", "a"), ("u", "d"), ("u", "e")]
    found = explore([(first, [("t", "a")]), (iter(second), iter([("t", "a"), ("u", "d"), ("u", "e")]))])
    assert found == [
        Explored(4, Reach(3, 1, 1), Reach(3, 1, 1)),
        Explored(3, Reach(3, 3, 2), Reach(5, 3, 2)),
    ]


def test_what_passed_without_having_been_drawn_does_not_count() -> None:
    assert explore([([("t", "a")], [("t", "b")])]) == [Explored(1, Reach(1, 0, 0), Reach(1, 0, 0))]
    assert explore([]) == []
