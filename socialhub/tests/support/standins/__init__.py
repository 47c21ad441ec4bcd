"""One module or package per network, each with an `APP`."""
