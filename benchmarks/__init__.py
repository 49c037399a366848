"""What the README's speed figures come from: ratios against a reference, both measured in one run.

Belongs here: measuring. Does not belong here: tests; a figure depends on the machine and never fails a build.
"""
