"""The commands of `python -m localcloud`, one module per group."""
