"""The resource plugins `aws` and `awsx` of the local cloud, and the tables they work from."""

from localcloud.plugins.launchers import install

__all__ = ["install"]
