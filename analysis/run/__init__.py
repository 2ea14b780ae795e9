"""Execution of notebooks: plans, kernels, finished runs, and how long it takes."""
