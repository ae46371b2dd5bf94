"""Counts primes on some processors for some seconds, in a process of its own: `python -m autograph.watch.stress`."""

import multiprocessing
import sys
import time


def primes_until(deadline: float) -> int:
    """Count primes by trial division until the monotonic clock passes `deadline`."""
    found, candidate = 0, 1
    while time.monotonic() < deadline:
        candidate += 1
        if all(candidate % divisor for divisor in range(2, int(candidate**0.5) + 1)):
            found += 1
    return found


def main() -> None:
    """Take seconds and the count of processes from the command line; print how many primes were found."""
    seconds, processes = float(sys.argv[1]), int(sys.argv[2])
    deadline = time.monotonic() + seconds
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        sys.stdout.write(str(sum(pool.map(primes_until, [deadline] * processes))))


if __name__ == "__main__":
    main()
