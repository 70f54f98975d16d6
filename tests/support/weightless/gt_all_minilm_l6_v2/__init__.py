"""In place of the package that brings the encoder's weights, and without them.

A process with the folder above this one on its PYTHONPATH compares words alone. Every live server of tests
would otherwise make vectors of the whole starter catalog, which nobody asks for.
"""
