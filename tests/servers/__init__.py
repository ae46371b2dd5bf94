"""Real servers for tests: PostgreSQL, Redis, S3 and Chromium, on private ports of loopback, for one test run.

Each module finds the machine's own program first, then one from a package. What cannot be had raises
`Absent`, which the fixtures turn into one clear skip line.
"""
