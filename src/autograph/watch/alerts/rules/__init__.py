"""The shelf of alert rules: one file a rule, and a line in the registry."""

from autograph.core.registry import Registry
from autograph.watch.alerts.rules import (
    backup_age,
    certificate,
    cpu,
    disk,
    error_rate,
    gc_pause,
    latency,
    loop_lag,
    memory_leak,
    outside,
    pool,
    queue_age,
    service_down,
    store_down,
    watchdog,
)
from autograph.watch.alerts.rules.part import Rule

RULES: Registry[Rule] = Registry(
    "autograph.alert_rules",
    [
        service_down.RULE,
        store_down.RULE,
        error_rate.RULE,
        latency.RULE,
        cpu.HIGH,
        cpu.CRITICAL,
        memory_leak.RULE,
        disk.RULE,
        disk.OBJECTS,
        loop_lag.LAG,
        loop_lag.BLOCKED,
        gc_pause.RULE,
        pool.RULE,
        backup_age.RULE,
        certificate.RULE,
        queue_age.RULE,
        outside.RULE,
        watchdog.RULE,
    ],
)
