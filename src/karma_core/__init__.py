"""The pure core of Karma Sales: frames and frozen values in, frames and frozen values out.

No Django, no clock, no files, no network and no global state stand in this package.
"""
