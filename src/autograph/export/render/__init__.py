"""Worker modules: each is run in a process of its own by `core.workers`, where it may block, hang or die."""
