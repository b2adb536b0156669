"""What is answered before click is imported: the help of `fairlead` itself, and the completion of shells.

Nothing here may import what `python -c pass` has not: a person waits for it at every press of the tab key.
"""
