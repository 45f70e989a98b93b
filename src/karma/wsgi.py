"""What gunicorn loads."""

import os

from django.core.wsgi import get_wsgi_application

from karma.web import read_first

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karma.settings")
application = read_first(get_wsgi_application())
