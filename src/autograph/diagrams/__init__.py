"""The library: documents and every version of them. Start reading at `app.py`."""
