"""Flags: which features are on, for whom. Start reading at `app.py`."""
