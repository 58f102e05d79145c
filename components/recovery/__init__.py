"""The pilot light: what waits in the second region."""
