"""Typed callers of our own services, in this process or another; and the check of proven identity."""
