"""The tests of AutoGraph; `tests.servers` starts the real parts they run against."""
