"""The version, and the name to install by, for whoever tells them."""

__all__ = ["DISTRIBUTION", "__version__"]

__version__ = "0.1.0"
DISTRIBUTION = "multilabelscope"  # the package index knows another project, a label printer, as "labelscope"
