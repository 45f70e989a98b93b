"""`python -m karma` is the same as `karma`."""

from karma.cli import main

main()
