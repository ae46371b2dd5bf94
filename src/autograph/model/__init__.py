"""What may cross a wall: frozen shapes and protocols of the diagram model and of identity. Pure."""
