"""Diagnostics: look at this process's CPU, memory, network and disk, and see the layers at work on demand.

For administrators; while not in production also for whoever sits at the machine itself. Nothing here blocks the
event loop: what is shown was sampled in the background, what works hard does so in another process or thread.
"""

from autograph.watch.diagnostics import cpu, disk, memory, network, tries

ROUTERS = (cpu.router, memory.router, network.router, disk.router, tries.router)
