"""The front door: one path table, layers around it, the page's files. Start reading at `app.py`."""
