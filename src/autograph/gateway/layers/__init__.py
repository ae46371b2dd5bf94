"""What surrounds every request: one small ASGI class a file, in the order that `stack.py` gives."""
