"""The reconciliation as one HTML page: `page.py` reads and writes it, the other files are its look.

Nothing is imported here, so that the package costs nothing until the page is asked for.
"""
