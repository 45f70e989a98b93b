"""Who may do what with people and teams."""

from karma.common.permissions import permit
from karma.common.rules import is_administrator

permit("people.manage", is_administrator)
permit("people.change_organisation", is_administrator)
