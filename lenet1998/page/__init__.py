"""The network in a browser: one HTML file, made from the package, that needs nothing else."""
