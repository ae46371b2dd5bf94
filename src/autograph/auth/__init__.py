"""Accounts: who somebody is, how they prove it, and for how long. Start reading at `app.py`."""
