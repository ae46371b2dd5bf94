"""Ways to prove who one is; one file a way."""
