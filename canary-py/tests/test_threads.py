"""Long work leaves the interpreter to others, and parallel calls give the same answers."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import canary
import numpy as np

RANDOM = np.random.default_rng(3)
ARMS = RANDOM.random(1_000_000), RANDOM.random(1_000_000)


def test_other_threads_run_meanwhile():
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.perf_counter()
    canary.mann_whitney(*ARMS)
    end = time.perf_counter()
    done.set()
    thread.join()
    assert sum(start < tick < end for tick in ticks) >= 3


def test_parallel_calls_agree():
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: canary.mann_whitney(*ARMS), range(4)))
    assert all(result == results[0] for result in results)
