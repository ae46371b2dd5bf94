"""Diagrams: documents, their versions and pictures, the trash. Start reading at `app.py`."""
