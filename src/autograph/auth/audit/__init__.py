"""The audit log: who did what and when, in a chain in which nothing can be changed or left out unnoticed."""

from autograph.auth.audit.service import Audit

__all__ = ["Audit"]
