"""HTTP face of auth, a file for each thing that it is about: read the request, ask the use case, shape the reply."""
