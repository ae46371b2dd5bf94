"""Watch: gathers what every process knows of itself, judges it and shows it. Start reading at `app.py`."""
