"""How a plugin says no."""


class RefusedError(Exception):
    """The plugin does not do what it is asked; the message is shown with the resource or provider it is about."""
