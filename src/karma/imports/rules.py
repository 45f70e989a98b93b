"""Who may bring files in and take them back: it writes across all teams, so whoever runs the installation."""

from karma.common.permissions import permit
from karma.common.rules import is_administrator

permit("imports.run", is_administrator)
