"""The component library."""
