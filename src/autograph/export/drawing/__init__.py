"""Model -> picture: what is drawn as a line and what is not, layout, Scene, SVG. Start reading at `compose.py`."""
