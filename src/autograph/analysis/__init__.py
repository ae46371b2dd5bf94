"""A repository becomes a Model: readers, facts with evidence, one merge. Start reading at `app.py`."""
