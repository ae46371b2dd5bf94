"""Accounts: people, passwords, sessions, tokens. Start reading at `app.py`."""
