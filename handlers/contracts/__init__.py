"""The runtime of data contracts: what a file must look like, and which of its rows do."""
