import threading

import pytest

from labelscope.compute.progress import Cancelled, advance, watch
from labelscope.errors import StageError
from labelscope.stages.runner import Runner, StageRun
from labelscope.stages.table import TABLE, StageSpec


def stage(name, compute, needs=(), blocked=""):
    return StageRun(StageSpec(name, name, name.title(), compute, needs), compute, blocked=blocked)


def test_errors_stay_with_their_stage_and_what_needs_it_is_skipped():
    def fail():
        raise StageError("expected two labels, got one")

    stages = [stage("a", fail), stage("b", lambda: 1, needs=["a"]), stage("c", lambda: 1), stage("d", lambda: 1, blocked="no images")]
    runner = Runner(stages)
    runner.start()
    assert runner.wait(10)
    assert [report.status for report in runner.reports()] == ["failed", "skipped", "done", "skipped"]
    assert runner.reports()[0].error == "expected two labels, got one"
    assert runner.reports()[3].error == "no images"


def test_a_stage_runs_again_on_request_also_while_another_runs():
    ran, hold = [], threading.Event()
    stages = [stage("first", lambda: ran.append("first")), stage("last", lambda: (ran.append("last"), hold.wait(10)))]
    runner = Runner(stages)
    runner.start()
    assert runner.wait(10, stage="first")
    runner.again("first")
    hold.set()
    assert runner.wait(10)
    assert ran == ["first", "last", "first"]
    runner.again("first")
    assert runner.wait(10)
    assert ran == ["first", "last", "first", "first"]
    assert [report.status for report in runner.reports()] == ["done", "done"]


def test_cancel_stops_at_the_next_report_and_start_goes_on():
    going, seen = threading.Event(), []

    def slow():
        seen.append(1)
        going.set()
        for _ in range(2000 if len(seen) == 1 else 1):
            advance("slow", 0.5)
            threading.Event().wait(0.005)

    runner = Runner([stage("slow", slow), stage("after", lambda: 1)])
    runner.start()
    assert going.wait(5)
    runner.cancel()
    assert runner.wait(5)
    assert [report.status for report in runner.reports()] == ["cancelled", "cancelled"]
    runner.start()
    assert runner.wait(5)
    assert [report.status for report in runner.reports()] == ["done", "done"]


def test_in_this_thread_progress_goes_on_to_whoever_watches_and_a_cancel_ends_the_run():
    seen = []

    def sink(name, done):
        seen.append((name, done))
        if name == "inner":
            raise Cancelled

    runs = [stage("first", lambda: 1), stage("second", lambda: advance("inner", 0.5)), stage("third", lambda: 1)]
    with watch(sink), pytest.raises(Cancelled):
        Runner(runs).run()
    assert seen[:3] == [("first", 0.0), ("first", 1.0), ("second", 0.0)]
    assert [run.status for run in runs] == ["done", "cancelled", "waiting"]


def test_a_strict_run_raises_the_first_failure_and_begins_no_other_stage():
    def fail():
        raise StageError("no")

    runs = [stage("first", fail), stage("second", lambda: 1)]
    with pytest.raises(StageError, match="no"):
        Runner(runs).run(strict=True)
    assert runs[1].status == "waiting"


def test_the_table_needs_only_what_comes_before():
    names = [spec.name for spec in TABLE]
    assert len(set(names)) == len(names)
    for place, spec in enumerate(TABLE):
        assert set(spec.needs) <= set(names[:place])


def test_a_stage_on_request_is_idle_until_somebody_asks_and_goes_on_after_a_cancel():
    ran, going = [], threading.Event()

    def slow():
        ran.append("slow")
        going.set()
        for _ in range(2000 if len(ran) == 1 else 1):
            advance("slow", 0.5)
            threading.Event().wait(0.005)

    stages = [stage("first", lambda: ran.append), StageRun(StageSpec("asked", "asked", "Asked", slow, on_request=True), slow)]
    runner = Runner(stages)
    for _ in range(2):
        runner.start()
        assert runner.wait(10)
        assert [report.status for report in runner.reports()] == ["done", "idle"]
    runner.again("asked")
    assert going.wait(10)
    runner.cancel()
    assert runner.wait(10)
    assert runner.reports()[1].status == "cancelled"
    runner.start()
    assert runner.wait(10)
    assert runner.reports()[1].status == "done"
    assert ran == ["slow", "slow"]
