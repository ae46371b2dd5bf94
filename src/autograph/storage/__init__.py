"""Where things are kept: SQL, objects, cache, events. Each has an embedded and a network form, chosen by URL."""
