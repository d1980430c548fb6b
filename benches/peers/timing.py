"""Times a function: the median of repeated runs after a warm-up, on a clock that no run may exceed."""

import resource
import signal
import statistics
import sys
import time

# Without a number of repeats, runs go on for about so many seconds.
SECONDS = 4.0
FEWEST, MOST = 5, 100

# A run that takes longer than this is repeated at most twice.
SLOW = 10.0


class TooSlow(Exception):
    """A run that took longer than it may."""


def measure(name, run, repeats, max_seconds):
    """Median and half the interquartile range in milliseconds, or nothing, said on stderr, if a run is too slow."""
    try:
        # The first run allocates, and compiles where there is something to compile; the second knows how long it takes.
        first = once(run, max_seconds)
        taken = first if first > SLOW else once(run, max_seconds)
        if taken > SLOW:
            repeats = min(repeats or 2, 2)
        repeats = repeats or min(max(FEWEST, int(SECONDS / taken)), MOST)
        times = [1e3 * once(run, max_seconds) for _ in range(repeats)]
    except TooSlow:
        print(f"{name}: a run took more than {max_seconds:g} s, so it is not measured", file=sys.stderr)
        return None, None
    return statistics.median(times), spread(times)


def spread(times):
    if len(times) < 2:
        return None
    lower, _, upper = statistics.quantiles(times, n=4, method="inclusive")
    return (upper - lower) / 2


def once(run, max_seconds):
    """How many seconds a run took. The alarm stops a loop in Python; one inside a library is judged at its end."""
    def stop(*_):
        raise TooSlow
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max_seconds)
    try:
        start = time.perf_counter()
        run()
        return time.perf_counter() - start
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def peak_mb():
    """The most memory that this process has held, with the libraries themselves."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
