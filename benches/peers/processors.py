"""How many processors a library computes on."""

import os


def restrict(threads):
    """Leaves this process so many processors. It comes before the libraries are imported, for they count them then.

    torch can be told how many threads to start, and JAX in the environment alone; both also have threads that are in no
    such count. Processors of different cores come first, for two of one core are not as quick.
    """
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PJRT_NPROC"):
        os.environ[name] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        seen, first, others = set(), [], []
        for processor in sorted(os.sched_getaffinity(0)):
            (others if core(processor) in seen else first).append(processor)
            seen.add(core(processor))
        os.sched_setaffinity(0, (first + others)[:threads])


def core(processor):
    """What the processors of a core have in common."""
    try:
        with open(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list") as file:
            return file.read()
    except OSError:
        return processor
