"""A Model, a scene or code becomes bytes: layout, formats, killable workers. Start reading at `app.py`."""
