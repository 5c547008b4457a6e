"""The stack of sides."""

from __future__ import annotations

import threading

from twisted.python.threadpool import ThreadPool

from skeintrace.record.sides import Side, Sides


def test_a_thread_of_the_applications_starts_on_the_applications_side() -> None:
    sides = Sides()
    assert not sides.in_system
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(sides.in_system))
    thread.start()
    thread.join()
    assert found == [False]


def test_a_worker_of_a_thread_pool_starts_on_the_systems_side() -> None:
    sides = Sides()
    found: list[bool] = []
    pool = ThreadPool(0, 1)
    pool.start()
    pool.callInThread(lambda: found.append(sides.in_system))
    pool.stop()
    assert found == [True]


def test_a_frame_without_an_event_is_inside_the_one_below() -> None:
    sides = Sides()
    sides.push(Side.SYSTEM, 3)
    sides.push(Side.APPLICATION)
    assert sides.stack[-1].event == 3
    sides.pop()
    assert sides.in_system


def test_unwinding_ends_the_events_that_were_left_open_from_the_inside_out() -> None:
    sides = Sides()
    ended: list[int] = []
    sides.push(Side.SYSTEM, 1)
    sides.push(Side.APPLICATION, 2, lambda: ended.append(2))
    sides.push(Side.SYSTEM, 3, lambda: ended.append(3))
    sides.unwind(2)
    assert ended == [3, 2]
    assert sides.in_system and sides.stack[-1].event == 1
